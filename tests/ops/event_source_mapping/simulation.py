"""A stream, a scripted function and a mapping between them on a virtual clock."""

import base64
import json
from collections.abc import Callable
from typing import Any

from ops.event_source_mapping import (
    Counts,
    EventSourceMapping,
    EventSourceMappingSettings,
    InvocationResult,
    MemoryStream,
    VirtualClock,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:predictor:live"
Answer = Callable[[list[str]], InvocationResult]


def succeed(batch: list[str]) -> InvocationResult:
    return InvocationResult.returned({"batchItemFailures": []})


def fail(batch: list[str]) -> InvocationResult:
    return InvocationResult.failed("boom")


def fail_with(poison: str) -> Answer:
    """A function that raises on every batch that holds `poison`."""
    return lambda batch: fail(batch) if poison in batch else succeed(batch)


class Simulation:
    """`batches` is what the function was given: lists of the records' data, in order of delivery."""

    def __init__(self, answer: Answer = succeed, *, shards: int = 1, retention: float = 86_400) -> None:
        self.clock = VirtualClock()
        self.stream = MemoryStream(self.clock, shards=shards, retention_seconds=retention)
        self.batches: list[list[str]] = []
        self.times: list[float] = []
        self.events: list[dict[str, Any]] = []
        self.dead: list[dict[str, Any]] = []
        self.answer = answer
        self.sequence: dict[str, str] = {}

    def put(self, *data: str, key: str = "k") -> None:
        for text in data:
            self.sequence[text] = self.stream.put(key, text.encode()).sequence_number

    def mapping(self, **settings: Any) -> EventSourceMapping:
        return EventSourceMapping(
            EventSourceMappingSettings(function_arn=ARN, **settings),
            self.stream,
            self._function,
            self.dead.append,
            self.clock,
        )

    def run(self, **settings: Any) -> Counts:
        return self.mapping(**settings).run()

    def delivered(self) -> list[str]:
        return [data for batch in self.batches for data in batch]

    def _function(self, event: bytes) -> InvocationResult:
        document = json.loads(event)
        self.events.append(document)
        batch = [base64.b64decode(r["kinesis"]["data"]).decode() for r in document["Records"]]
        self.batches.append(batch)
        self.times.append(self.clock.now())
        return self.answer(batch)
