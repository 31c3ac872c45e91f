"""A bucket that fails, a dead-letter queue, and the account of where every event ended."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

Objects = dict[str, list[str]]  # key -> the sequence numbers of its lines


class CrashError(Exception):
    """The function's process ended here."""


class S3Error(Exception):
    """S3 throttled, answered 500, or did not answer in time."""


class FaultyBucket:
    """Puts that may fail before they take effect, after it, or take the process with them."""

    def __init__(self, rate: float, draw: Callable[[], float]) -> None:
        self.objects: Objects = {}
        self.rate = rate
        self._draw = draw

    def point(self) -> None:
        """A place at which the process may end."""
        if self._draw() < self.rate:
            raise CrashError

    def put(self, key: str, lines: list[str]) -> None:
        self.point()
        if self._draw() < self.rate:
            raise S3Error("SlowDown")
        self.objects[key] = lines
        if self._draw() < self.rate:
            raise S3Error("read timed out; the put took effect")
        self.point()


def whereabouts(objects: Objects, dead: list[dict[str, Any]], order: dict[str, list[str]]) -> Counter[str]:
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
    for key, lines in objects.items():
        name = key.split("/")[1]
        if name not in pending:
            found.update(f"{name.rpartition('-')[0]} {number}" for number in lines)
    return found


def seeded(seed: int) -> Callable[[], float]:
    return random.Random(seed).random
