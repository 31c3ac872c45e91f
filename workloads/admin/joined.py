"""Days of rides whose durations are known, a sample of each for a chart."""

import io
from collections import OrderedDict
from collections.abc import Sequence

import pyarrow.parquet as pq

from workloads.admin.deadline import in_time
from workloads.admin.errors import PlatformError
from workloads.admin.platform import WAIT_SECONDS, Platform

SAMPLE = 600  # dots, which a chart can still show
_KEPT = 8
_days: OrderedDict[tuple[str, str], Sequence[tuple[float, float]]] = OrderedDict()


def days_joined(platform: Platform) -> list[str]:
    """The days of the history that have completed rides, oldest first."""
    history = platform.history.seen(WAIT_SECONDS).value
    return [row.day for row in history.rows if row.completed] if history else []


def rides_of(platform: Platform, day: str) -> Sequence[tuple[float, float]]:
    """For rides of the day, evenly taken: minutes taken and predicted; none if the day cannot be had."""
    place = (platform.settings.data_bucket, day)
    if place not in _days:
        try:
            key = f"processed/joined/dt={day}/rides.parquet"
            body = in_time("The data bucket", lambda: platform.cloud.object(place[0], key))
        except PlatformError:
            return ()
        if body is None:
            return ()
        table = pq.read_table(io.BytesIO(body), columns=["minutes", "predicted_minutes"]).drop_null()
        step = max(1, table.num_rows // SAMPLE)
        took, predicted = (table[name].to_pylist()[::step] for name in ("minutes", "predicted_minutes"))
        _days[place] = list(zip(took, predicted, strict=True))
        if len(_days) > _KEPT:
            _days.popitem(last=False)
    return _days[place]
