"""How the records of a shard become batches.

A shard has as many concurrent batches as the mapping's parallelization factor. "Lambda still ensures in-order
processing at the partition-key level": all records of a partition key go to the same batcher, and a batcher
has one batch with the function at a time.
Source: AWS Lambda Developer Guide, "Using Lambda to process records from Amazon Kinesis Data Streams"
<https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#kinesis-polling-and-batching>.
"""

import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ops.event_source_mapping.settings import EventSourceMappingSettings
from workloads.delivery.event import payload_bytes
from workloads.delivery.record import Record
from workloads.delivery.response import InvocationResult

PAYLOAD_LIMIT = 6 * 1024 * 1024  # bytes of a synchronous invocation's request: "Lambda quotas"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Records for one invocation.

    `retries` is what of the retry quota is used, `invocations` how often the function has run with it, and
    `not_before` when it may be delivered (Unix seconds).
    """

    records: Sequence[Record]
    retries: int = 0
    invocations: int = 0
    not_before: float = 0.0
    last_result: InvocationResult | None = None


def batcher_index(partition_key: str, batchers: int) -> int:
    """The batcher of a partition key; AWS does not publish which it is, only that it stays the same."""
    return zlib.crc32(partition_key.encode()) % batchers


class Batcher:
    """Makes batches of `waiting` records; `batches` are under way, to be delivered in this order.

    There is more than one of them only after a batch was bisected.
    """

    def __init__(self, settings: EventSourceMappingSettings, now: float) -> None:
        self._settings = settings
        self.waiting: deque[Record] = deque()
        self.batches: list[Batch] = []
        self.window_began = now

    @property
    def idle(self) -> bool:
        """Nothing is waiting and nothing is under way."""
        return not self.waiting and not self.batches

    def oldest(self) -> int | None:
        """The sequence number of the oldest record that is waiting or under way, None while idle."""
        records = self.batches[0].records if self.batches else self.waiting
        return int(records[0].sequence_number) if records else None

    def make_batch(self, now: float) -> None:
        """Make the next batch when it is due and none is under way.

        A batch is due when it is full, when the next record would pass the payload limit of 6 MB, or when the
        batching window has passed; the window "begins as soon as the previous function invocation completes".
        Source: AWS Lambda Developer Guide, "Batching behavior"
        <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>.
        """
        if self.batches or not self.waiting:
            return
        size = self._batch_length()
        full = size == self._settings.batch_size or size < len(self.waiting)
        if full or now >= self.window_ends():
            self.batches.append(Batch(records=[self.waiting.popleft() for _ in range(size)]))

    def window_ends(self) -> float:
        """When a batch is delivered even if it is not full (Unix seconds)."""
        return self.window_began + self._settings.maximum_batching_window_seconds

    def due(self) -> float | None:
        """When there is something to do next (Unix seconds), None while idle."""
        if self.batches:
            return self.batches[0].not_before
        return self.window_ends() if self.waiting else None

    def _batch_length(self) -> int:
        payload = 0
        for length, record in enumerate(self.waiting):
            payload += payload_bytes(record)
            if length == self._settings.batch_size or (payload > PAYLOAD_LIMIT and length > 0):
                return length
        return len(self.waiting)
