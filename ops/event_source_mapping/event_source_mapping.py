"""The event source mapping: polls a stream, invokes the function with batches, retries, discards.

Invocations run one after another: one of the orders that AWS's concurrent batches can take.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ops.event_source_mapping.batch import Batch, Batcher
from ops.event_source_mapping.clock import Clock, SystemClock
from ops.event_source_mapping.on_failure_destination import Condition, invocation_record
from ops.event_source_mapping.poller import Poller, Pollers
from ops.event_source_mapping.retry import next_batches, retries_exhausted, split_expired
from ops.event_source_mapping.settings import INFINITE, EventSourceMappingSettings
from ops.event_source_mapping.stream import Stream
from workloads.delivery.event import kinesis_event
from workloads.delivery.response import InvocationResult, batch_outcome

POLL_SECONDS = 1.0  # "Lambda polls each shard ... at a base rate of once per second" (with-kinesis.html)


@dataclass(kw_only=True)
class Counts:
    """What a mapping did so far; `completed` and `discarded` count records, the others batches."""

    completed: int = 0
    discarded: int = 0
    invocations: int = 0
    function_errors: int = 0
    partial_failures: int = 0
    throttles: int = 0
    discarded_batches: int = 0


class EventSourceMapping:
    """One mapping from `stream` to `function`.

    `function` takes the event (UTF-8 JSON) and answers what Invoke would; `on_failure` takes the invocation
    record of a discarded batch, as the on-failure destination would. Shards are read from the moment that the
    mapping is made, so LATEST means records put after that.
    """

    def __init__(
        self,
        settings: EventSourceMappingSettings,
        stream: Stream,
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
        self._pollers = Pollers(stream, settings, self._clock.now())
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
        """Poll every active shard once and deliver every batch that is due; whether there was anything."""
        active = False
        for poller in self._pollers.active(self._clock.now()):
            active |= poller.poll(self._stream) > 0
            for batcher in poller.batchers:
                active |= self._deliver_next(poller, batcher)
            active |= poller.finished  # its children, if it has any, are next
        return active

    def checkpoints(self) -> dict[str, int]:
        """A sequence number a shard: all records before it are completed or discarded; call between steps."""
        return self._pollers.checkpoints()

    def _pause(self) -> float | None:
        """Seconds until the next retry or the end of a batching window; None when all batchers are idle."""
        now = self._clock.now()
        batchers = [batcher for poller in self._pollers.active(now) for batcher in poller.batchers]
        times = [due for batcher in batchers if (due := batcher.due()) is not None]
        return max(min(times) - now, 0.001) if times else None

    def _deliver_next(self, poller: Poller, batcher: Batcher) -> bool:
        """Deliver the batcher's next batch if it is due, without the records that are too old."""
        now = self._clock.now()
        batcher.make_batch(now)
        if not batcher.batches or batcher.batches[0].not_before > now:
            return False
        batch = batcher.batches.pop(0)
        expired, batch_left = split_expired(batch, now, self._oldest_seconds)
        if expired:
            too_old = replace(batch, records=batch.records[:expired])
            self._discard(poller, too_old, "RecordAgeExceeded")
        if batch_left.records:
            batcher.batches[:0] = self._deliver(poller, batch_left)
        if not batcher.batches:
            batcher.window_began = self._clock.now()
        return True

    def _deliver(self, poller: Poller, batch: Batch) -> list[Batch]:
        """Invoke the function with the batch; the batches that follow from the result."""
        event = kinesis_event(batch.records, shard_id=poller.shard.shard_id, stream_arn=self._stream.arn)
        result = self._function(event)
        outcome = batch_outcome(
            result, batch.records, report_batch_item_failures=self.settings.report_batch_item_failures
        )
        self.counts.completed += outcome.completed
        self.counts.invocations += outcome.status != "not invoked"
        self.counts.throttles += outcome.status == "not invoked"
        self.counts.function_errors += outcome.status == "failure"
        self.counts.partial_failures += outcome.status == "partial success"
        left = []
        for following in next_batches(batch, result, outcome, self.settings, self._clock.now()):
            if retries_exhausted(following, self.settings):
                self._discard(poller, following, "RetryAttemptsExhausted")
            else:
                left.append(following)
        return left

    def _discard(self, poller: Poller, batch: Batch, condition: Condition) -> None:
        self.counts.discarded += len(batch.records)
        self.counts.discarded_batches += 1
        self._on_failure(
            invocation_record(
                batch.records,
                condition=condition,
                invocations=batch.invocations,
                last_result=batch.last_result,
                function_arn=self.settings.function_arn,
                shard_id=poller.shard.shard_id,
                stream_arn=self._stream.arn,
                now=self._clock.now(),
            )
        )
