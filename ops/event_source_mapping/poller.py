"""Event pollers, one a shard: parents before children.

Order survives a reshard when a consumer reads the parents to their end before the children, as Lambda does by
itself. Source: Amazon Kinesis Data Streams Developer Guide, "Complete the resharding action"
<https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html>.
"""

from ops.event_source_mapping.batch import Batcher, batcher_index
from ops.event_source_mapping.settings import EventSourceMappingSettings, StartingPosition
from ops.event_source_mapping.stream import Shard, Stream

READ_LIMIT = 10_000  # records a GetRecords call may return: Kinesis API Reference, GetRecords


class Poller:
    """Reads one shard from its shard iterator on and hands the records to the batchers."""

    def __init__(
        self, shard: Shard, shard_iterator: str, settings: EventSourceMappingSettings, now: float
    ) -> None:
        self.shard = shard
        self.batchers = [Batcher(settings, now) for _ in range(settings.parallelization_factor)]
        self.shard_iterator: str | None = shard_iterator
        self._read_to = -1  # the last sequence number that was read
        self._batch_size = settings.batch_size

    @property
    def finished(self) -> bool:
        """The shard is closed and read to its end, and every record is completed or discarded."""
        return self.shard_iterator is None and all(batcher.idle for batcher in self.batchers)

    @property
    def checkpoint(self) -> int:
        """Every record that was read and has a lower sequence number is completed or discarded."""
        unfinished = [number for batcher in self.batchers if (number := batcher.oldest()) is not None]
        return min(unfinished, default=self._read_to + 1)

    def poll(self, stream: Stream) -> int:
        """Call GetRecords when a batcher has less than a batch waiting; how many records came."""
        short = any(len(batcher.waiting) < self._batch_size for batcher in self.batchers)
        waiting = sum(len(batcher.waiting) for batcher in self.batchers)
        if self.shard_iterator is None or not short or waiting >= READ_LIMIT:
            return 0
        limit = min(READ_LIMIT, self._batch_size * len(self.batchers))
        output = stream.get_records(self.shard_iterator, limit)
        for record in output.records:
            index = batcher_index(record.partition_key, len(self.batchers))
            self.batchers[index].waiting.append(record)
            self._read_to = int(record.sequence_number)
        self.shard_iterator = output.next_shard_iterator
        return len(output.records)


class Pollers:
    """The pollers of all shards; a poller is active only once those of its shard's parents are finished.

    The shards that are there when the mapping is created begin at its starting position, all those that a
    reshard adds later at TRIM_HORIZON: everything in them is newer than the starting position.
    """

    def __init__(self, stream: Stream, settings: EventSourceMappingSettings, now: float) -> None:
        self._stream = stream
        self._settings = settings
        self._pollers: dict[str, Poller] = {}
        self._finished: set[str] = set()
        self._discover(settings.starting_position, settings.starting_position_timestamp, now)

    def active(self, now: float) -> list[Poller]:
        """The pollers that are not finished and whose parents are, oldest shard first."""
        finished = {shard_id for shard_id, poller in self._pollers.items() if poller.finished}
        if finished - self._finished:
            self._finished = finished
            self._discover("TRIM_HORIZON", None, now)
        pending = self._pollers.keys() - finished
        return [
            self._pollers[shard_id]
            for shard_id in sorted(pending)
            if not pending.intersection(self._pollers[shard_id].shard.parents)
        ]

    def checkpoints(self) -> dict[str, int]:
        """The checkpoint of each shard."""
        return {shard_id: poller.checkpoint for shard_id, poller in self._pollers.items()}

    def _discover(self, position: StartingPosition, timestamp: float | None, now: float) -> None:
        for shard in self._stream.list_shards():
            if shard.shard_id not in self._pollers:
                iterator = self._stream.get_shard_iterator(shard.shard_id, position, timestamp)
                self._pollers[shard.shard_id] = Poller(shard, iterator, self._settings, now)
