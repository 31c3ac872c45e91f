"""Follows what the predictor writes: counts it minute by minute and keeps the latest predictions.

A page never counts objects: each object is read once, when it is new, and what was counted is kept in the
reports bucket, from where the next process goes on.
"""

import json
import logging
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from workloads.admin.aws import plain
from workloads.admin.counts import KEY, KINDS, MINUTES, Counts, Shard

KEPT = 2_000  # predictions
AT_START = 20  # objects of a shard's hour that are read once more for the latest predictions
AT_ONCE = 200  # objects that are in memory together
LOOK_SECONDS = 5.0  # after which a look gives what it has, and the next goes on
SAVE_SECONDS = 300
LATE_SECONDS = 1_800  # an hour's last objects are written after it, when batches come again
_SHARDS_SECONDS = 30  # between two looks for new shards
_READERS = 8
_WRITTEN = {"predictions": "predicted_at", "rejected": "rejected_at", "actuals": "received_at"}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What came through.

    Args:
        since: When the counting began, on whatever server.
        complete: Whether all that is there is counted; the first look has much to read.
        totals: Events by kind since then.
        minutes: For each of the last minutes, oldest first, the events of each kind.
        latest: The latest predictions, newest first, as the predictor wrote them.
        rejected: Why events were rejected, how often, since the start.
    """

    since: datetime
    complete: bool
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
        reports: The bucket that keeps the counts.
        clock: Seconds since 1970.
    """

    def __init__(self, s3: Any, bucket: str, reports: str, clock: Callable[[], float] = time.time) -> None:
        self._s3, self._bucket, self._reports, self._clock = s3, bucket, reports, clock
        self._counts: Counts | None = None
        self._shards_at: dict[str, float] = {}
        self._latest: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self._saved = 0.0
        self._busy = threading.Lock()

    def look(self) -> Flow:
        """Reads what is new; gives everything that is known.

        Raises:
            PlatformError: a bucket does not answer, or refuses.
        """
        with (
            self._busy,
            plain("The data bucket", "s3:ListBucket and s3:GetObject"),
            ThreadPoolExecutor(_READERS) as pool,
        ):
            now, end = self._clock(), time.monotonic() + LOOK_SECONDS
            counts = self._counts = self._counts or self._first(pool)
            hours = self._hours(max(counts.until - LATE_SECONDS, counts.since), now)
            behind = list(KINDS)
            while behind and time.monotonic() < end:
                behind = [kind for kind in behind if not self._follow(kind, hours, pool)]
            if not behind:
                counts.until = now
            counts.forget(now, tuple(f"{kind}/{hour}/" for kind in KINDS for hour in hours))
            if now - self._saved > SAVE_SECONDS:
                self._save(counts)
            return self._flow(counts, complete=not behind)

    def save(self, wait: float) -> None:
        """Keeps what was counted, unless a look takes longer than `wait` seconds."""
        if self._busy.acquire(timeout=wait):
            try:
                if self._counts:
                    self._save(self._counts)
            finally:
                self._busy.release()

    def _first(self, pool: ThreadPoolExecutor) -> Counts:
        """The counts as they were kept, and the latest of the predictions that they count."""
        self._saved = self._clock()
        try:
            body = self._s3.get_object(Bucket=self._reports, Key=KEY)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            body = None
        counts = Counts.of(body, self._clock())
        for name in sorted(counts.shards):
            if name.startswith("predictions/"):
                shard = counts.shards[name]
                keys = sorted(shard.read, key=lambda key: (len(key), key))[-AT_START:]
                for lines in pool.map(self._lines, keys or [shard.after] * (shard.after != name)):
                    self._latest.extend(_parsed(lines))
        return counts

    def _save(self, counts: Counts) -> None:
        self._saved = self._clock()
        try:
            self._s3.put_object(Bucket=self._reports, Key=KEY, Body=counts.document())
        except (BotoCoreError, ClientError) as error:
            _LOG.warning(
                "the counts are not kept: %s; allow s3:PutObject on %s/%s", error, self._reports, KEY
            )

    def _hours(self, first: float, now: float) -> list[str]:
        """The hours from `first` to `now`."""
        hour = datetime.fromtimestamp(first, UTC).replace(minute=0, second=0, microsecond=0)
        count = int((now - hour.timestamp()) // 3600) + 1
        return [f"{hour + timedelta(hours=number):dt=%Y-%m-%d/hour=%H}" for number in range(count)]

    def _follow(self, kind: str, hours: list[str], pool: ThreadPoolExecutor) -> bool:
        """Counts what is new of a kind; False where there may be more."""
        every = (pair for hour in hours for pair in self._new(f"{kind}/{hour}/"))
        found = list(islice(every, AT_ONCE))
        fresh: deque[bytes] = deque(maxlen=KEPT)
        keys = [key for _, key in found]
        for (shard, key), lines in zip(found, pool.map(self._lines, keys), strict=True):
            self._count(kind, lines)
            shard.read[key] = self._clock()
            fresh.extend(lines)
        if kind == "predictions":
            self._latest.extend(_parsed(fresh))
        return len(found) < AT_ONCE

    def _new(self, prefix: str) -> Iterator[tuple[Shard, str]]:
        assert self._counts
        shards, now = self._counts.shards, self._clock()
        if now - self._shards_at.get(prefix, 0) > _SHARDS_SECONDS:
            for name in self._shards(prefix):
                shards.setdefault(name, Shard(after=name))
                self._shards_at[prefix] = now
        for name in [each for each in shards if each.startswith(prefix)]:
            shard = shards[name]
            for key in shard.new(self._listed(name, shard.after)):
                yield shard, key

    def _shards(self, prefix: str) -> list[str]:
        """The prefixes of the shards: `...shardId-000000000000-`."""
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=f"{prefix}shardId-", Delimiter="-")
        return [each["Prefix"] for each in answer.get("CommonPrefixes", ())]

    def _listed(self, shard: str, after: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=shard, StartAfter=after):
            yield from (entry["Key"] for entry in page.get("Contents", ()))

    def _lines(self, key: str) -> list[bytes]:
        """The object's lines; none of a damaged one, which monitoring reports."""
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return zlib.decompress(body, 31).splitlines()
        except zlib.error:
            return []

    def _count(self, kind: str, lines: list[bytes]) -> None:
        """Counts an object's lines, which were all written at the time of its last one."""
        assert self._counts
        last = next(_parsed(lines[-1:]), {})
        self._counts.add(kind, len(lines), _minute(last.get(_WRITTEN[kind])) or int(self._clock() // 60))
        if kind == "rejected":
            self._counts.rejected.update(str(each.get("reason"))[:200] for each in _parsed(lines))

    def _flow(self, counts: Counts, *, complete: bool) -> Flow:
        now = int(self._clock() // 60)
        newest = sorted(self._latest, key=lambda line: str(line.get("predicted_at", "")), reverse=True)
        return Flow(
            since=datetime.fromtimestamp(counts.since, UTC),
            complete=complete,
            totals=dict(counts.totals),
            minutes=tuple(dict(counts.minutes.get(at, {})) for at in range(now - MINUTES + 1, now + 1)),
            latest=tuple(newest),
            rejected=dict(counts.rejected.most_common(10)),
        )


def _parsed(lines: "deque[bytes] | list[bytes]") -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _minute(text: str | None) -> int | None:
    try:
        return int(datetime.fromisoformat(text or "").timestamp() // 60)
    except ValueError:
        return None
