"""Which version the predictor serves, as its predictions in the data bucket say."""

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workloads.data.s3 import Bucket

POLL_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Served:
    """What was seen.

    Args:
        version: The version that should be served.
        confirmed: Whether the newest prediction is its.
        seen: The version of the newest prediction since the alias moved; empty for none.
        reason: In words.
    """

    version: str
    confirmed: bool
    seen: str
    reason: str

    def document(self) -> dict[str, Any]:
        """What was seen, as JSON."""
        return asdict(self)


def confirm(
    bucket: Bucket,
    pointer: dict[str, Any],
    *,
    timeout_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Served:
    """Waits until predictions that were made since the pointer moved are those of its version.

    Args:
        bucket: The data bucket.
        pointer: What the alias points at.
        timeout_seconds: For so long.
        clock: Seconds that never run backwards.
        sleep: Waits for so many seconds.
    """
    version = str(pointer["version"])
    end = clock() + timeout_seconds
    while True:
        seen = _newest(bucket, pointer)
        if seen == version or clock() >= end:
            break
        sleep(POLL_SECONDS)
    reason = f"the newest prediction is of version {seen}" if seen else "no ride came since the alias moved"
    return Served(version=version, confirmed=seen == version, seen=seen, reason=reason)


def partitions(pointer: dict[str, Any]) -> list[str]:
    """Where predictions made since the pointer moved lie: the last two hours of them, as prefixes."""
    since = datetime.fromisoformat(pointer["updated_at"]).astimezone(UTC)
    hours, hour = [], since.replace(minute=0, second=0, microsecond=0)
    while hour <= datetime.now(UTC):
        hours.append(f"predictions/dt={hour:%Y-%m-%d}/hour={hour:%H}/")
        hour += timedelta(hours=1)
    return hours[-2:]


def _newest(bucket: Bucket, pointer: dict[str, Any]) -> str:
    """The version of the newest prediction since the pointer moved, empty for none."""
    latest, version = datetime.fromisoformat(pointer["updated_at"]).astimezone(UTC), ""
    for key in (key for prefix in partitions(pointer) for key in bucket.keys(prefix)):
        for line in _lines(bucket.get(key) or b""):
            at = datetime.fromisoformat(line["predicted_at"])
            if at > latest:
                latest, version = at, str(line["version"])
    return version


def _lines(body: bytes) -> list[dict[str, Any]]:
    """The object's lines; none of a damaged one, which the join reports."""
    try:
        return [json.loads(line) for line in zlib.decompress(body, 31).splitlines()]
    except (zlib.error, ValueError):
        return []
