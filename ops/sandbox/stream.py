"""Kinesis as the mapping reads it and as the producer fills it, through boto3."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ops.event_source_mapping import GetRecordsOutput, Record, Shard, StartingPosition
from ops.local.errors import LocalRunError
from ops.sandbox.account import Sent

PUT_ATTEMPTS = 8


class KinesisStream:
    """A stream as the event source mapping polls it."""

    def __init__(self, kinesis: Any, name: str) -> None:
        self._kinesis = kinesis
        self._name = name
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        self._arn = str(summary["StreamARN"])
        self._retention_seconds = float(summary["RetentionPeriodHours"] * 3600)

    @property
    def arn(self) -> str:
        """The stream's ARN."""
        return self._arn

    @property
    def retention_seconds(self) -> float:
        """How long a record can be read after it arrived."""
        return self._retention_seconds

    def list_shards(self) -> Sequence[Shard]:
        """Every shard, closed parents included."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._name)
        return [
            Shard(
                shard_id=shard["ShardId"],
                parents=tuple(
                    shard[key] for key in ("ParentShardId", "AdjacentParentShardId") if shard.get(key)
                ),
            )
            for page in pages
            for shard in page["Shards"]
        ]

    def get_shard_iterator(
        self, shard_id: str, position: StartingPosition, timestamp: float | None = None
    ) -> str:
        """A shard iterator at that position."""
        moment = {} if timestamp is None else {"Timestamp": datetime.fromtimestamp(timestamp, UTC)}
        answer = self._kinesis.get_shard_iterator(
            StreamName=self._name, ShardId=shard_id, ShardIteratorType=position, **moment
        )
        return str(answer["ShardIterator"])

    def get_records(self, shard_iterator: str, limit: int) -> GetRecordsOutput:
        """Up to `limit` records from the iterator on."""
        answer = self._kinesis.get_records(ShardIterator=shard_iterator, Limit=limit)
        return GetRecordsOutput(
            records=[
                Record(
                    partition_key=record["PartitionKey"],
                    sequence_number=record["SequenceNumber"],
                    data=record["Data"],
                    arrival=record["ApproximateArrivalTimestamp"].timestamp(),
                )
                for record in answer["Records"]
            ],
            next_shard_iterator=answer.get("NextShardIterator"),
        )


def put(kinesis: Any, stream: str, events: Sequence[Mapping[str, Any]]) -> list[Sent]:
    """Puts up to 500 ride events in order, keyed by their ride id; what Kinesis throttles is put again.

    Raises:
        LocalRunError: a record was refused again and again.
    """
    sent: list[Sent] = []
    waiting = list(events)
    for attempt in range(PUT_ATTEMPTS):
        time.sleep(0.05 * (2**attempt - 1))
        waiting = _put_once(kinesis, stream, waiting, sent)
        if not waiting:
            return sent
    raise LocalRunError(f"stream {stream} refused {len(waiting)} records {PUT_ATTEMPTS} times")


def _put_once(
    kinesis: Any, stream: str, events: list[Mapping[str, Any]], sent: list[Sent]
) -> list[Mapping[str, Any]]:
    """One PutRecords; what it took is added to `sent`, what it refused is returned."""
    records = [
        {"Data": json.dumps(event, separators=(",", ":")).encode(), "PartitionKey": event["ride_id"]}
        for event in events
    ]
    answer = kinesis.put_records(StreamName=stream, Records=records)
    refused = []
    for event, result in zip(events, answer["Records"], strict=True):
        if "SequenceNumber" in result:
            sent.append(Sent(shard_id=result["ShardId"], sequence_number=int(result["SequenceNumber"])))
        else:
            refused.append(event)
    return refused
