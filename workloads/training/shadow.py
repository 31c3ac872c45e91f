"""The challenger against the current model, on the rides that both predicted."""

import io
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from workloads.data.quality import Check
from workloads.data.s3 import Bucket
from workloads.training.bootstrap import gain
from workloads.training.errors import TrainingError
from workloads.training.promotion import Margin, beats_current

MIN_RIDES, MIN_DAYS = 1000, 3  # fewer are no comparison
_COLUMNS = [
    "lpep_pickup_datetime",
    "minutes",
    "predicted_minutes",
    "challenger_version",
    "challenger_minutes",
]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days on which they are compared."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Window":
        """`FIRST..LAST`, days as YYYY-MM-DD.

        Raises:
            TrainingError: it is something else.
        """
        first, _, last = text.partition("..")
        try:
            window = cls(first=date.fromisoformat(first), last=date.fromisoformat(last))
        except ValueError:
            window = None
        if window is None or window.last < window.first:
            raise TrainingError(f"--on: got {text!r}, allowed: FIRST..LAST, like 2023-03-01..2023-03-07")
        return window


def compare(bucket: Bucket, version: str, window: Window, margin: Margin) -> list[Check]:
    """The checks of a challenger on the joined days of a window."""
    rides = _rides(bucket, version, window)
    day = rides["lpep_pickup_datetime"].dt.normalize()
    days, count = day.nunique(), len(rides)
    enough = Check(
        name="rides that both models predicted",
        found=f"{count} on {days} days",
        required=f"at least {MIN_RIDES} on {MIN_DAYS} days",
        passed=count >= MIN_RIDES and days >= MIN_DAYS,
    )
    if not enough.passed:
        return [enough]
    minutes, current, shadow = (
        rides[name].to_numpy(np.float64) for name in ("minutes", "predicted_minutes", "challenger_minutes")
    )
    return [enough, beats_current(gain(day, minutes, shadow, current, margin.confidence), margin)]


def _rides(bucket: Bucket, version: str, window: Window) -> pd.DataFrame:
    """The completed rides of the window that the challenger predicted, too."""
    frames = [pd.DataFrame(columns=_COLUMNS).astype({"lpep_pickup_datetime": "datetime64[us]"})]
    for number in range((window.last - window.first).days + 1):
        day = window.first + timedelta(days=number)
        body = bucket.get(f"processed/joined/dt={day}/rides.parquet")
        if body:
            frame: pd.DataFrame = pq.read_table(io.BytesIO(body), columns=_COLUMNS).to_pandas()
            of_challenger = frame["challenger_version"] == version
            frames.append(
                frame[of_challenger & frame["minutes"].notna() & frame["challenger_minutes"].notna()]
            )
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
