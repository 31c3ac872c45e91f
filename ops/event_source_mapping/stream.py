"""A Kinesis data stream as its consumer sees it: shards, their parents, shard iterators and records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.event_source_mapping.settings import StartingPosition
from workloads.delivery.record import Record


@dataclass(frozen=True, kw_only=True)
class Shard:
    """A shard and the shards it was split or merged from (none, one, or two)."""

    shard_id: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GetRecordsOutput:
    """What GetRecords answers; `next_shard_iterator` is None once a closed shard was read to its end."""

    records: Sequence[Record]
    next_shard_iterator: str | None


class Stream(Protocol):
    """The requests that a consumer makes of a stream."""

    @property
    def arn(self) -> str:
        """The stream's ARN."""

    @property
    def retention_seconds(self) -> float:
        """How long a record can be read after it arrived."""

    def list_shards(self) -> Sequence[Shard]:
        """Every shard that still holds records or takes new ones, closed parents included."""

    def get_shard_iterator(
        self, shard_id: str, position: StartingPosition, timestamp: float | None = None
    ) -> str:
        """A shard iterator at that position; `timestamp` (Unix seconds) goes with AT_TIMESTAMP."""

    def get_records(self, shard_iterator: str, limit: int) -> GetRecordsOutput:
        """Up to `limit` records from the iterator on, in order; none at the tip of an open shard."""
