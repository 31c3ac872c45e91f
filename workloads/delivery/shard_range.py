"""Reads a dead batch's records back from Kinesis, in which a message that names them is all that is left."""

from collections.abc import Iterator
from typing import Any, Protocol

from botocore.exceptions import ClientError

from workloads.delivery.dead_letter import DiscardedBatch
from workloads.delivery.record import Record


class KinesisClient(Protocol):
    """What of boto3's Kinesis client is used here."""

    def get_shard_iterator(self, **parameters: Any) -> Any:
        """Kinesis API Reference, GetShardIterator."""

    def get_records(self, **parameters: Any) -> Any:
        """Kinesis API Reference, GetRecords."""


def read_range(kinesis: KinesisClient, batch: DiscardedBatch) -> list[Record]:
    """The records of the batch that the stream still holds, in order; without a number, all of the range.

    Records past the stream's retention are missing from the front of the list; a shard that a reshard closed
    disappears together with its last record, and gives an empty list.
    """
    try:
        return list(_read(kinesis, batch, _iterator(kinesis, batch)))
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException" and "hard" in str(error):
            return []
        raise


def _iterator(kinesis: KinesisClient, batch: DiscardedBatch) -> str:
    where = {"StreamARN": batch.stream_arn, "ShardId": batch.shard_id}
    try:
        answer = kinesis.get_shard_iterator(
            **where, ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=batch.first
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidArgumentException":
            raise
        # The first record is trimmed; the oldest that is left may still belong to the batch.
        answer = kinesis.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")
    return str(answer["ShardIterator"])


def _read(kinesis: KinesisClient, batch: DiscardedBatch, iterator: str | None) -> Iterator[Record]:
    first, last = int(batch.first), int(batch.last)
    while iterator is not None:
        page = kinesis.get_records(StreamARN=batch.stream_arn, ShardIterator=iterator, Limit=10_000)
        for found in page["Records"]:
            number = int(found["SequenceNumber"])
            if number > last:
                return
            if number >= first:
                yield _record(found)
            if number == last:
                return
        # An empty page is the end only at the tip: Kinesis may answer with none on the way there.
        if not page["Records"] and not page.get("MillisBehindLatest"):
            return
        iterator = page.get("NextShardIterator")


def _record(found: dict[str, Any]) -> Record:
    return Record(
        partition_key=found["PartitionKey"],
        sequence_number=found["SequenceNumber"],
        data=found["Data"],
        arrival=found["ApproximateArrivalTimestamp"].timestamp(),
    )
