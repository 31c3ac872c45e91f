"""One lane of a shard: the records waiting in it, and the batch that is under way.

A shard has as many lanes as the mapping's parallelization factor. "Lambda still ensures in-order processing
at the partition-key level": records of one partition key share a lane, and a lane has one batch under way.
Source: AWS Lambda Developer Guide, "Using Lambda to process records from Amazon Kinesis Data Streams"
<https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#kinesis-polling-and-batching>.
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ops.sandbox.mapping.event import payload_bytes
from ops.sandbox.mapping.response import InvocationResult
from ops.sandbox.mapping.settings import MappingSettings
from ops.sandbox.mapping.stream import Record

PAYLOAD_LIMIT = 6 * 1024 * 1024  # bytes of a synchronous invocation's request: "Lambda quotas"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A batch to be delivered: what of its retry quota is used, and when it is due (Unix seconds)."""

    records: Sequence[Record]
    retries: int = 0
    invocations: int = 0
    not_before: float = 0.0
    last_result: InvocationResult | None = None


def lane_of(partition_key: str, lanes: int) -> int:
    """The lane of a partition key; which key goes where is AWS's secret, that it stays there is the rule."""
    if lanes == 1:
        return 0
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()) % lanes


class Lane:
    """Records in order of arrival, gathered into batches; `attempts` is the batch under way, head first."""

    def __init__(self, settings: MappingSettings, now: float) -> None:
        self._settings = settings
        self.waiting: deque[Record] = deque()
        self.attempts: list[Attempt] = []
        self.window_began = now

    @property
    def idle(self) -> bool:
        """Nothing is waiting and nothing is under way."""
        return not self.waiting and not self.attempts

    def gather(self, now: float) -> None:
        """Make the next batch when it is due and none is under way.

        A batch is due when it is full, when the next record would pass the payload limit of 6 MB, or when the
        batching window has passed; the window "begins as soon as the previous function invocation completes".
        Source: AWS Lambda Developer Guide, "Batching behavior"
        <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>.
        """
        if self.attempts or not self.waiting:
            return
        size = self._batch_length()
        full = size == self._settings.batch_size or size < len(self.waiting)
        if full or now >= self.window_ends():
            self.attempts.append(Attempt(records=[self.waiting.popleft() for _ in range(size)]))

    def window_ends(self) -> float:
        """When a batch that is not full goes all the same."""
        return self.window_began + self._settings.maximum_batching_window_seconds

    def due(self) -> float | None:
        """When this lane has something to do next (Unix seconds), None while it is idle."""
        if self.attempts:
            return self.attempts[0].not_before
        return self.window_ends() if self.waiting else None

    def _batch_length(self) -> int:
        payload = 0
        for length, record in enumerate(self.waiting):
            payload += payload_bytes(record)
            if length == self._settings.batch_size or (payload > PAYLOAD_LIMIT and length > 0):
                return length
        return len(self.waiting)
