"""What was counted of the predictor's objects, in a form that outlasts the process that counts.

Totals and the keys that they are made of are one document: whoever goes on from it counts no object twice and
leaves none out, however long ago it was written.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

KEY = "admin/counts.json"  # of the reports bucket
KINDS = ("predictions", "rejected", "actuals")
MINUTES = 60
# A shard's objects are written nearly in the order of their keys: where one shard is read by several
# invocations at a time, one may be this much later than the next.
SETTLED_SECONDS = 120
_AWS_DIGITS = 50  # Kinesis's own sequence numbers have 56; local ones count from 1, and do not sort as text


@dataclass(kw_only=True)
class Shard:
    """Which keys of a shard's hour were read: all up to `after`, and those in `read`, at that time."""

    after: str
    read: dict[str, float] = field(default_factory=dict)

    def new(self, keys: Iterable[str]) -> list[str]:
        """Those that were not read."""
        return [key for key in keys if key not in self.read]

    def settle(self, now: float) -> None:
        """Forgets the keys before which none can come any more; listing starts after them."""
        for key in sorted(self.read):
            number = key.rpartition("-")[2]
            if len(number) < _AWS_DIGITS or self.read[key] > now - SETTLED_SECONDS:
                return
            self.after = key
            del self.read[key]


@dataclass(kw_only=True)
class Counts:
    """Everything that was counted; times are in seconds since 1970.

    Args:
        since: The start of the first hour that was counted.
        until: Up to when nothing is left to count.
        totals: Events by kind.
        minutes: Of the last hour, by kind, by minutes since 1970.
        rejected: Why events were rejected, how often.
        shards: By the prefix of their keys.
    """

    since: float
    until: float
    totals: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(KINDS, 0)))
    minutes: dict[int, Counter[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    shards: dict[str, Shard] = field(default_factory=dict)

    @classmethod
    def of(cls, body: bytes | None, now: float) -> "Counts":
        """What a document says; without one, or with a damaged one, it begins with the hour before."""
        try:
            return cls._read(json.loads(body or b""))
        except (ValueError, TypeError, KeyError, AttributeError):
            since = now - now % 3600 - 3600
            return cls(since=since, until=since)

    def document(self) -> bytes:
        """All of it."""
        shards = {name: {"after": each.after, "read": each.read} for name, each in self.shards.items()}
        return json.dumps({**vars(self), "shards": shards}).encode()

    def add(self, kind: str, number: int, minute: int) -> None:
        """Counts events of a minute."""
        self.totals[kind] += number
        self.minutes.setdefault(minute, Counter())[kind] += number

    def forget(self, now: float, prefixes: tuple[str, ...]) -> None:
        """Drops minutes that are no longer shown, and shards of hours that are no longer listed."""
        oldest = int(now // 60) - MINUTES
        self.minutes = {at: counts for at, counts in self.minutes.items() if at > oldest}
        self.shards = {name: each for name, each in self.shards.items() if name.startswith(prefixes)}
        for each in self.shards.values():
            each.settle(now)

    @classmethod
    def _read(cls, found: dict[str, Any]) -> "Counts":
        return cls(
            since=float(found["since"]),
            until=float(found["until"]),
            totals=Counter({kind: int(found["totals"].get(kind, 0)) for kind in KINDS}),
            minutes={int(at): Counter(counts) for at, counts in found["minutes"].items()},
            rejected=Counter(found["rejected"]),
            shards={name: Shard(**each) for name, each in found["shards"].items()},
        )
