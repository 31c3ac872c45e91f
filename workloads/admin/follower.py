"""Follows what the predictor writes: counts it minute by minute and keeps the latest predictions.

A page never counts objects: each object is read once, when it is new. The objects of a shard are written in
the order of their sequence numbers, so that only keys after the last one are listed.
"""

import json
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workloads.admin.aws import plain

KINDS = ("predictions", "rejected", "actuals")
KEPT = 2_000  # predictions
MINUTES = 60
AT_START = 20  # objects of the hour that are read at the start, of as many as there may be
AT_ONCE = 200
_READERS = 8
_AWS_DIGITS = 50  # Kinesis's own sequence numbers have 56; local ones count from 1, and do not sort as text


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What came through.

    Args:
        since: When the counting began.
        totals: Events by kind since then.
        minutes: For each of the last minutes, oldest first, the events of each kind.
        latest: The latest predictions, newest first, as the predictor wrote them.
        rejected: Why events were rejected, how often, since the start.
    """

    since: datetime
    totals: Mapping[str, int]
    minutes: tuple[Mapping[str, int], ...]
    latest: tuple[Mapping[str, Any], ...]
    rejected: Mapping[str, int]

    def last_minutes(self, kind: str, minutes: int) -> int:
        """The events of a kind in the last whole minutes."""
        return sum(each.get(kind, 0) for each in self.minutes[-minutes - 1 : -1])


class Follower:
    """Reads what is new in a data bucket with every `look`.

    Args:
        s3: A client.
        bucket: The data bucket.
        clock: Seconds since 1970.
    """

    def __init__(self, s3: Any, bucket: str, clock: Callable[[], float] = time.time) -> None:
        self._s3, self._bucket, self._clock = s3, bucket, clock
        self._since = self._now()
        self._read: dict[str, set[str]] = {}  # of an hour's prefix, the keys
        self._last: dict[str, str] = {}  # of a shard's prefix, the greatest key
        self._totals = Counter(dict.fromkeys(KINDS, 0))
        self._minutes: dict[int, Counter[str]] = {}
        self._latest: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self._rejected: Counter[str] = Counter()

    def look(self) -> Flow:
        """Reads what is new; gives everything that is known.

        Raises:
            PlatformError: the bucket does not answer, or refuses.
        """
        with plain("The data bucket", "s3:ListBucket and s3:GetObject"), ThreadPoolExecutor(_READERS) as pool:
            for kind in KINDS:
                keys = [key for hour in self._hours() for key in self._new(f"{kind}/{hour}/")][:AT_ONCE]
                for key, lines in zip(keys, pool.map(self._lines, keys), strict=True):
                    self._count(kind, lines)
                    self._remember([key])
        return self._flow()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _hours(self) -> list[str]:
        """This hour and the one before, whose last events are written a little later."""
        now = self._now()
        hours = [f"{each:dt=%Y-%m-%d/hour=%H}" for each in (now - timedelta(hours=1), now)]
        current = tuple(f"{hour}/" for hour in hours)
        self._read = {key: keys for key, keys in self._read.items() if key.endswith(current)}
        return hours

    def _new(self, prefix: str) -> list[str]:
        first = prefix not in self._read
        read = self._read.setdefault(prefix, set())
        found: list[str] = []
        for shard in self._shards(prefix):
            keys = [key for key in self._listed(shard) if key not in read]
            if first:
                self._remember(keys[:-AT_START])
                keys = keys[-AT_START:]
            found += keys
        return found

    def _remember(self, keys: Sequence[str]) -> None:
        """These were read, or never will be."""
        for key in keys:
            folder, _, name = key.rpartition("/")
            shard, _, number = name.rpartition("-")
            if len(number) > _AWS_DIGITS:
                self._last[f"{folder}/{shard}-"] = key
            self._read[f"{folder}/"].add(key)

    def _shards(self, prefix: str) -> list[str]:
        """The prefixes of the shards: `...shardId-000000000000-`."""
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{prefix}shardId-", Delimiter="-")
        return [each["Prefix"] for each in answer.get("CommonPrefixes", ())]

    def _listed(self, shard: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        after = self._last.get(shard, shard)
        for page in pages.paginate(Bucket=self._bucket, Prefix=shard, StartAfter=after):
            yield from (entry["Key"] for entry in page.get("Contents", ()))

    def _lines(self, key: str) -> list[dict[str, Any]]:
        """The object's lines; none of a damaged one, which monitoring reports."""
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return [json.loads(line) for line in zlib.decompress(body, 31).splitlines()]
        except (zlib.error, ValueError):
            return []

    def _count(self, kind: str, lines: list[dict[str, Any]]) -> None:
        self._totals[kind] += len(lines)
        minute = int(self._clock() // 60)
        for line in lines:
            at = _minute(line.get("predicted_at") if kind == "predictions" else None) or minute
            self._minutes.setdefault(at, Counter())[kind] += 1
            if kind == "rejected":
                self._rejected[str(line.get("reason", "no reason given"))[:200]] += 1
        if kind == "predictions":
            self._latest.extend(lines)
        self._minutes = {at: counts for at, counts in self._minutes.items() if at > minute - MINUTES}

    def _flow(self) -> Flow:
        now = int(self._clock() // 60)
        newest = sorted(self._latest, key=lambda line: str(line.get("predicted_at", "")), reverse=True)
        return Flow(
            since=self._since,
            totals=dict(self._totals),
            minutes=tuple(dict(self._minutes.get(at, {})) for at in range(now - MINUTES + 1, now + 1)),
            latest=tuple(newest),
            rejected=dict(self._rejected.most_common(10)),
        )


def _minute(text: str | None) -> int | None:
    try:
        return int(datetime.fromisoformat(text or "").timestamp() // 60)
    except ValueError:
        return None
