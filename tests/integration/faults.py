"""A bucket that fails, a function whose process ends, and the account of where every event ended."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import predictor
from models import Alias
from ops.event_source_mapping import InvocationResult
from store import Object, StoreError
from tests.bundles import MODEL, lines

KINDS = ("predictions", "rejected", "actuals")
Draw = Callable[[], float]


class CrashError(BaseException):
    """The function's process ended here; nothing in it could catch that."""


class FaultyBucket:
    """Requests that may fail before they take effect, after it, or take the process with them."""

    def __init__(self, rate: float, draw: Draw, models: Mapping[str, bytes]) -> None:
        self.objects = dict(models)
        self.rate = rate
        self._draw = draw

    def maybe_crash(self) -> None:
        """May end the process."""
        if self._draw() < self.rate:
            raise CrashError

    def get(self, key: str, *, etag: str = "") -> Object | None:
        self._maybe_fail("GET answered 503 SlowDown")
        if key not in self.objects:
            raise StoreError("GET answered 404 NoSuchKey", transient=False)
        body = self.objects[key]
        tag = str(hash(body))
        return None if tag == etag else Object(body, tag)

    def put(self, key: str, body: bytes) -> None:
        self._maybe_fail("PUT answered 503 SlowDown")
        self.objects[key] = body
        self._maybe_fail("PUT timed out after it took effect")

    def results(self) -> dict[str, list[str]]:
        """The sequence numbers in each object, by `<shard>-<first number>` under its kind."""
        return {
            f"{key.split('/')[0]}/{key.rpartition('/')[2].removesuffix('.jsonl.gz')}": [
                line["sequence_number"] for line in lines(body)
            ]
            for key, body in self.objects.items()
            if key.split("/")[0] in KINDS
        }

    def _maybe_fail(self, problem: str) -> None:
        self.maybe_crash()
        if self._draw() < self.rate:
            raise StoreError(problem, transient=True)
        self.maybe_crash()


class Function:
    """The real predictor; after its process ended, the next invocation starts a new one."""

    def __init__(self, bucket: FaultyBucket) -> None:
        self.bucket = bucket
        self.invocations = 0
        self._predictor: predictor.Predictor | None = None

    def __call__(self, event: bytes) -> InvocationResult:
        self.invocations += 1
        try:
            if self._predictor is None:
                self._predictor = self._start()
            self.bucket.maybe_crash()
            answer = self._predictor.handle(json.loads(event))
            self.bucket.maybe_crash()
        except CrashError:
            self._predictor = None
            return InvocationResult.failed("the process ended")
        return InvocationResult.returned(answer)

    def _start(self) -> predictor.Predictor:
        def follow(alias: str) -> Alias:
            return Alias(
                self.bucket, name=MODEL, alias=alias, check_seconds=5, clock=lambda: self.invocations
            )

        return predictor.Predictor(
            self.bucket, champion=follow("champion"), challenger=follow("challenger"), share=0.2, name=MODEL
        )


def count_places(results: dict[str, list[str]], dead: list[Any], order: dict[str, list[str]]) -> Counter[str]:
    """How often each event is accounted for, by `<shard> <sequence number>`.

    An attempt that died after a put leaves an object whose batch may then be dead-lettered. A dead letter's
    range is the authority: objects that begin in it are pending until the redrive overwrites them, and do not
    count.
    `order` holds each shard's sequence numbers; ranges are of one lane.
    """
    found: Counter[str] = Counter()
    pending: set[str] = set()
    for info in (document["KinesisBatchInfo"] for document in dead):
        numbers = order[info["shardId"]]
        first = numbers.index(info["startSequenceNumber"])
        for number in numbers[first : numbers.index(info["endSequenceNumber"]) + 1]:
            found[f"{info['shardId']} {number}"] += 1
            pending.add(f"{info['shardId']}-{number}")
    for key, contents in results.items():
        name = key.split("/")[1]
        if name not in pending:
            found.update(f"{name.rpartition('-')[0]} {number}" for number in contents)
    return found


def seeded(seed: int) -> Draw:
    return random.Random(seed).random
