"""Reading the shards of a stream, parents before children.

Order survives a reshard when a consumer reads the parents to their end before the children, as Lambda does by
itself. Source: Amazon Kinesis Data Streams Developer Guide, "Complete the resharding action"
<https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html>.
"""

from ops.sandbox.mapping.lane import Lane, lane_of
from ops.sandbox.mapping.settings import MappingSettings, StartingPosition
from ops.sandbox.mapping.stream import Shard, StreamSource

READ_LIMIT = 10_000  # records a GetRecords call may return: Kinesis API Reference, GetRecords


class ShardReader:
    """One shard: its iterator and its lanes."""

    def __init__(self, shard: Shard, iterator: str, settings: MappingSettings, now: float) -> None:
        self.shard = shard
        self.lanes = [Lane(settings, now) for _ in range(settings.parallelization_factor)]
        self.iterator: str | None = iterator
        self._batch_size = settings.batch_size

    @property
    def drained(self) -> bool:
        """Closed, read to its end, and nothing of it is left to be delivered."""
        return self.iterator is None and all(lane.idle for lane in self.lanes)

    def read(self, stream: StreamSource) -> int:
        """Read a page when a lane is short of a batch; how many records came."""
        short = any(len(lane.waiting) < self._batch_size for lane in self.lanes)
        waiting = sum(len(lane.waiting) for lane in self.lanes)
        if self.iterator is None or not short or waiting >= READ_LIMIT:
            return 0
        page = stream.get_records(self.iterator, min(READ_LIMIT, self._batch_size * len(self.lanes)))
        for record in page.records:
            self.lanes[lane_of(record.partition_key, len(self.lanes))].waiting.append(record)
        self.iterator = page.next_iterator
        return len(page.records)


class ShardReaders:
    """The readers of all shards; a reader is handed out only once its parents are drained.

    The shards that are there when the mapping is created begin at its starting position, all those that a
    reshard adds later at TRIM_HORIZON: everything in them is newer than the starting position.
    """

    def __init__(self, stream: StreamSource, settings: MappingSettings, now: float) -> None:
        self._stream = stream
        self._settings = settings
        self._readers: dict[str, ShardReader] = {}
        self._drained: set[str] = set()
        self._discover(settings.starting_position, settings.starting_position_timestamp, now)

    def ready(self, now: float) -> list[ShardReader]:
        """The readers whose parents are drained and which are not, oldest shard first."""
        drained = {shard_id for shard_id, reader in self._readers.items() if reader.drained}
        if drained - self._drained:
            self._drained = drained
            self._discover("TRIM_HORIZON", None, now)
        pending = self._readers.keys() - drained
        return [
            self._readers[shard_id]
            for shard_id in sorted(pending)
            if not pending.intersection(self._readers[shard_id].shard.parents)
        ]

    def _discover(self, position: StartingPosition, timestamp: float | None, now: float) -> None:
        for shard in self._stream.list_shards():
            if shard.shard_id not in self._readers:
                iterator = self._stream.get_shard_iterator(shard.shard_id, position, timestamp)
                self._readers[shard.shard_id] = ShardReader(shard, iterator, self._settings, now)
