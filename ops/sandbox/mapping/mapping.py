"""The event source mapping: polls a stream, delivers batches, retries, discards.

Invocations run one after another, lane by lane: one of the orders that AWS' concurrent lanes can take.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ops.sandbox.mapping.clock import Clock, SystemClock
from ops.sandbox.mapping.destination import Condition, invocation_record
from ops.sandbox.mapping.event import kinesis_event
from ops.sandbox.mapping.lane import Attempt, Lane
from ops.sandbox.mapping.response import InvocationResult, verdict
from ops.sandbox.mapping.retry import exhausted, following, split_expired
from ops.sandbox.mapping.settings import INFINITE, MappingSettings
from ops.sandbox.mapping.shard import ShardReader, ShardReaders
from ops.sandbox.mapping.stream import StreamSource

POLL_SECONDS = 1.0  # "Lambda polls each shard ... at a base rate of once per second" (with-kinesis.html)


@dataclass(kw_only=True)
class Counts:
    """What a mapping did so far; `completed` and `discarded` count records, the others events."""

    completed: int = 0
    discarded: int = 0
    invocations: int = 0
    function_errors: int = 0
    partial_failures: int = 0
    throttles: int = 0
    discarded_batches: int = 0


class Mapping:
    """One mapping from `stream` to `function`.

    `function` takes the event (UTF-8 JSON) and answers what Invoke would; `on_failure` takes the invocation
    record of a discarded batch, as the on-failure destination would. Shards are read from the moment that the
    mapping is made, so LATEST means records put after that.
    """

    def __init__(
        self,
        settings: MappingSettings,
        stream: StreamSource,
        function: Callable[[bytes], InvocationResult],
        on_failure: Callable[[dict[str, Any]], None],
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.counts = Counts()
        self._stream = stream
        self._function = function
        self._on_failure = on_failure
        self._clock = clock or SystemClock()
        self._readers = ShardReaders(stream, settings, self._clock.now())
        ages = (settings.maximum_record_age_seconds, stream.retention_seconds)
        self._oldest_seconds = min(age for age in ages if age != INFINITE)

    def run(self, until: Callable[[], bool] = lambda: True) -> Counts:
        """Deliver until `until()` holds and every record then in the stream is completed or discarded."""
        while True:
            ending = until()
            if self.step():
                continue
            pause = self._pause()
            if pause is None and ending:
                return self.counts
            self._clock.sleep(POLL_SECONDS if pause is None else min(pause, POLL_SECONDS))

    def step(self) -> bool:
        """Read every ready shard once, make one attempt in every lane that is due; whether anything moved."""
        moved = False
        for reader in self._readers.ready(self._clock.now()):
            moved |= reader.read(self._stream) > 0
            for lane in reader.lanes:
                moved |= self._attempt(reader, lane)
            moved |= reader.drained  # its children, if it has any, are next
        return moved

    def _pause(self) -> float | None:
        """Seconds until the next retry or the end of a batching window; None with nothing in hand."""
        now = self._clock.now()
        lanes = [lane for reader in self._readers.ready(now) for lane in reader.lanes]
        times = [due for lane in lanes if (due := lane.due()) is not None]
        return max(min(times) - now, 0.001) if times else None

    def _attempt(self, reader: ShardReader, lane: Lane) -> bool:
        now = self._clock.now()
        lane.gather(now)
        if not lane.attempts or lane.attempts[0].not_before > now:
            return False
        attempt = lane.attempts.pop(0)
        expired, attempt_left = split_expired(attempt, now, self._oldest_seconds)
        if expired:
            old = replace(attempt, records=attempt.records[:expired])
            self._discard(reader, old, "RecordAgeExceeded")
        if attempt_left.records:
            lane.attempts[:0] = self._deliver(reader, attempt_left)
        if not lane.attempts:
            lane.window_began = self._clock.now()
        return True

    def _deliver(self, reader: ShardReader, attempt: Attempt) -> list[Attempt]:
        """Invoke the function with the batch; the attempts that are to follow."""
        event = kinesis_event(attempt.records, shard_id=reader.shard.shard_id, stream_arn=self._stream.arn)
        result = self._function(event)
        judged = verdict(
            result,
            attempt.records,
            report_batch_item_failures=self.settings.report_batch_item_failures,
        )
        self.counts.completed += judged.completed
        self.counts.invocations += judged.outcome != "not invoked"
        self.counts.throttles += judged.outcome == "not invoked"
        self.counts.function_errors += judged.outcome == "failed"
        self.counts.partial_failures += judged.outcome == "partial"
        left = []
        for successor in following(attempt, result, judged, self.settings, self._clock.now()):
            if exhausted(successor, self.settings):
                self._discard(reader, successor, "RetryAttemptsExhausted")
            else:
                left.append(successor)
        return left

    def _discard(self, reader: ShardReader, attempt: Attempt, condition: Condition) -> None:
        self.counts.discarded += len(attempt.records)
        self.counts.discarded_batches += 1
        self._on_failure(
            invocation_record(
                attempt.records,
                condition=condition,
                invocations=attempt.invocations,
                last_result=attempt.last_result,
                function_arn=self.settings.function_arn,
                shard_id=reader.shard.shard_id,
                stream_arn=self._stream.arn,
                now=self._clock.now(),
            )
        )
