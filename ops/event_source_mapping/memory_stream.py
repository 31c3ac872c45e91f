"""A Kinesis data stream in memory, with splits and merges."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ops.event_source_mapping.clock import Clock
from ops.event_source_mapping.settings import StartingPosition
from ops.event_source_mapping.stream import GetRecordsOutput, Shard
from workloads.delivery.record import Record

HASH_KEYS = 2**128
SEQUENCE_DIGITS = 56  # as many as Kinesis' own have, so that text and number order agree


@dataclass
class _MemoryShard:
    shard: Shard
    first_hash_key: int
    last_hash_key: int
    records: list[Record] = field(default_factory=list)
    closed: bool = False


class MemoryStream:
    """Shards over ranges of the MD5 of the partition key, as Kinesis has them; arrival is by the clock."""

    def __init__(
        self,
        clock: Clock,
        *,
        shards: int = 1,
        arn: str = "arn:aws:kinesis:us-east-1:123456789012:stream/rides",
        retention_seconds: float = 86_400,
    ) -> None:
        self.arn = arn
        self.retention_seconds = retention_seconds
        self._clock = clock
        self._shards: dict[str, _MemoryShard] = {}
        self._next_sequence = 49_000_000 * 10 ** (SEQUENCE_DIGITS - 8)
        bounds = [HASH_KEYS * index // shards for index in range(shards + 1)]
        for low, high in pairwise(bounds):
            self._add((), low, high - 1)

    def put(self, partition_key: str, data: bytes) -> Record:
        """Append a record to the open shard that the key falls into."""
        hash_key = int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest())
        shard = next(
            shard
            for shard in self._shards.values()
            if not shard.closed and shard.first_hash_key <= hash_key <= shard.last_hash_key
        )
        self._next_sequence += 1
        record = Record(
            partition_key=partition_key,
            sequence_number=str(self._next_sequence),
            data=data,
            arrival=self._clock.now(),
        )
        shard.records.append(record)
        return record

    def open_shards(self) -> list[str]:
        """The ids of the shards that take records, in the order of their hash keys."""
        shards = [shard for shard in self._shards.values() if not shard.closed]
        return [shard.shard.shard_id for shard in sorted(shards, key=lambda shard: shard.first_hash_key)]

    def split(self, shard_id: str) -> tuple[str, str]:
        """Close a shard and open two over the halves of its range, as SplitShard does; their ids."""
        parent = self._close(shard_id)
        middle = (parent.first_hash_key + parent.last_hash_key) // 2
        return (
            self._add((shard_id,), parent.first_hash_key, middle),
            self._add((shard_id,), middle + 1, parent.last_hash_key),
        )

    def merge(self, first: str, second: str) -> str:
        """Close two neighbours, lower range first, and open one over both, as MergeShards does; its id."""
        low, high = self._shards[first], self._shards[second]
        if low.last_hash_key + 1 != high.first_hash_key:
            raise ValueError(f"{first} and {second} are not adjacent: only neighbours can be merged")
        self._close(first)
        self._close(second)
        return self._add((first, second), low.first_hash_key, high.last_hash_key)

    def list_shards(self) -> Sequence[Shard]:
        """Every shard, closed ones included."""
        return [shard.shard for shard in self._shards.values()]

    def get_shard_iterator(
        self, shard_id: str, position: StartingPosition, timestamp: float | None = None
    ) -> str:
        """A shard iterator: the shard's id and the index of the next record."""
        records = self._shards[shard_id].records
        match position:
            case "LATEST":
                index = len(records)
            case "AT_TIMESTAMP":
                index = sum(record.arrival < (timestamp or 0.0) for record in records)
            case "TRIM_HORIZON":
                index = 0
        return f"{shard_id}/{index}"

    def get_records(self, shard_iterator: str, limit: int) -> GetRecordsOutput:
        """Up to `limit` records; no next shard iterator at the end of a closed shard."""
        shard_id, index = shard_iterator.split("/")
        shard, start = self._shards[shard_id], int(index)
        records = shard.records[start : start + limit]
        end = start + len(records)
        ended = shard.closed and end == len(shard.records)
        return GetRecordsOutput(records=records, next_shard_iterator=None if ended else f"{shard_id}/{end}")

    def _close(self, shard_id: str) -> _MemoryShard:
        shard = self._shards[shard_id]
        if shard.closed:
            raise ValueError(f"{shard_id} is closed: only an open shard can be split or merged")
        shard.closed = True
        return shard

    def _add(self, parents: tuple[str, ...], first: int, last: int) -> str:
        shard_id = f"shardId-{len(self._shards):012d}"
        self._shards[shard_id] = _MemoryShard(Shard(shard_id=shard_id, parents=parents), first, last)
        return shard_id
