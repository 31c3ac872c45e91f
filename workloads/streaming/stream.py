"""The Kinesis stream: filled with events, and read from its beginning."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.data.months import DataError

BATCH = 500  # records that PutRecords takes
ATTEMPTS = 8


class Record(NamedTuple):
    """A record of the stream, by the two numbers that tell it from every other one."""

    shard_id: str
    sequence_number: str
    data: bytes


class Stream:
    """A stream; every method raises a DataError that names it and the fix.

    Args:
        name: The stream.
        sleep: Waits so many seconds.
    """

    def __init__(self, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        if not name:
            raise DataError("KINESIS_STREAM_NAME: is empty; set it to the stack output kinesis_stream_name")
        self.name = name
        self._sleep = sleep
        try:
            self._kinesis = boto3.client("kinesis", config=Config(retries={"mode": "standard"}))
        except (BotoCoreError, ValueError) as error:
            raise DataError(
                f"Kinesis: {error}; check AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL"
            ) from error

    def put(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Sends events, those that a shard has no room for again; gives their number."""
        rest, sent = iter(events), 0
        while batch := list(islice(rest, BATCH)):
            self._put([_entry(event) for event in batch])
            sent += len(batch)
        return sent

    def records(self) -> Iterator[Record]:
        """Every record that the stream holds now, shard by shard."""
        try:
            for shard in self._kinesis.list_shards(StreamName=self.name)["Shards"]:
                yield from self._shard(shard["ShardId"])
        except (BotoCoreError, ClientError) as error:
            raise self._refused("kinesis:ListShards, GetShardIterator and GetRecords", error) from error

    def _put(self, entries: Sequence[Any]) -> None:
        try:
            for attempt in range(ATTEMPTS):
                answer = self._kinesis.put_records(StreamName=self.name, Records=list(entries))
                failed = [
                    entry
                    for entry, result in zip(entries, answer["Records"], strict=True)
                    if "ErrorCode" in result
                ]
                if not failed:
                    return
                entries = failed
                self._sleep(0.1 * 2**attempt)
        except (BotoCoreError, ClientError) as error:
            raise self._refused("kinesis:PutRecords", error) from error
        raise DataError(
            f"{self.name}: {len(entries)} events did not fit in {ATTEMPTS} attempts; send slower, with "
            "--interval or --speed, or give the stream more shards"
        )

    def _shard(self, shard_id: str) -> Iterator[Record]:
        iterator: str | None = self._kinesis.get_shard_iterator(
            StreamName=self.name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = self._kinesis.get_records(ShardIterator=iterator, Limit=10_000)
            for record in answer["Records"]:
                yield Record(shard_id, record["SequenceNumber"], record["Data"])
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                return
            iterator = answer.get("NextShardIterator")
            self._sleep(0.2)  # a shard answers five times a second

    def _refused(self, actions: str, error: Exception) -> DataError:
        return DataError(
            f"KINESIS_STREAM_NAME, --stream: {self.name} refuses ({error}); allow {actions}, and check the "
            "name, AWS_PROFILE and AWS_ENDPOINT_URL"
        )


def _entry(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"Data": json.dumps(event).encode(), "PartitionKey": str(event["ride_id"])}
