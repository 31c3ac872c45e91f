"""A month's rides sent to the stream, at the pace that is asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workloads.data.dataset import Dataset
from workloads.data.fetch import fetch
from workloads.data.months import DataError, MonthError
from workloads.data.quality import rides
from workloads.drift.shifts import SLOWER, price_era
from workloads.streaming.events import Timed, events
from workloads.streaming.shifts import SHIFTS, Ride
from workloads.streaming.stream import BATCH, Stream

_TICK_SECONDS = 0.5  # events that are due within it are sent together


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds between two rides, or how many times as fast as in the month; both 0 for all at once."""

    interval: float
    speed: float

    @classmethod
    def of(cls, *, interval: float, speed: float) -> "Pace":
        """The pace.

        Raises:
            MonthError: both are given.
        """
        if interval and speed:
            raise MonthError(f"--interval, --speed: got {interval} and {speed}, allowed: one of them")
        return cls(interval=interval, speed=speed)

    def due(self, event: Timed, first: datetime, rides_before: int) -> float:
        """The seconds after the first event at which this one is due."""
        if self.speed:
            return (event.at - first).total_seconds() / self.speed
        return rides_before * self.interval


def shift_named(name: str) -> Callable[[Ride], Ride]:
    """The shift of each ride, or none for an empty name and for a shift of the whole month.

    Raises:
        MonthError: there is none of that name.
    """
    if name and name not in SHIFTS and name not in MONTH_SHIFTS:
        raise MonthError(f"--drift: got {name!r}, allowed: {', '.join([*SHIFTS, *MONTH_SHIFTS])}")
    return SHIFTS.get(name, dict)


def _slower(frame: pd.DataFrame) -> pd.DataFrame:
    """Every ride ends later; nothing that is known at the pickup changes."""
    pickup = frame["lpep_pickup_datetime"]
    later = pickup + SLOWER * (frame["lpep_dropoff_datetime"] - pickup)
    changed: pd.DataFrame = frame.assign(lpep_dropoff_datetime=later.dt.floor("s"))
    return changed


# Which rides there are, and when they end, is no change of a ride as it is sent.
MONTH_SHIFTS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "price-era": price_era,
    "slow-traffic": _slower,
}


def month_of_rides(
    month: str,
    first: str,
    dataset: Dataset,
    *,
    data: Path | None,
    environ: Mapping[str, str],
    bucket: str,
    allow_synthetic: bool,
) -> pd.DataFrame:
    """The month's rides from a time of it on.

    Raises:
        DataError: the month cannot be had, or `first` is not valid or after its last ride.
    """
    try:
        begin = pd.Timestamp(first or f"{month}-01")
    except ValueError:
        raise MonthError(f"--first: got {first!r}, allowed: a time of {month}, like {month}-05") from None
    found = fetch(
        [month], data=data, environ=environ, allow_synthetic=allow_synthetic, bucket=bucket, dataset=dataset
    )
    frame = rides(found.files[month], month, dataset).frame
    rest = frame[frame["lpep_pickup_datetime"] >= begin]
    if not len(rest):
        raise DataError(f"--first: no ride of {month} begins after {begin}; choose an earlier time")
    return rest


def replay(
    frame: pd.DataFrame,
    stream: Stream,
    *,
    prefix: str,
    change: Callable[[Ride], Ride],
    completions: bool,
    limit: int,
    pace: Pace,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> int:
    """Sends the events when they are due; gives their number."""
    timed = events(frame, prefix=prefix, change=change, completions=completions, limit=limit)
    if not pace.interval and not pace.speed:
        return stream.put(each.event for each in timed)
    started, sent = clock(), 0
    for due, batch in _together(timed, pace):
        sleep(max(0.0, due - (clock() - started)))
        sent += stream.put(batch)
    return sent


def _together(timed: Iterator[Timed], pace: Pace) -> Iterator[tuple[float, list[Mapping[str, Any]]]]:
    """The events that are due at about the same time, and when."""
    batch: list[Mapping[str, Any]] = []
    first, since, rides_before = None, 0.0, 0
    for each in timed:
        first = first or each.at
        due = pace.due(each, first, rides_before)
        if batch and (due - since >= _TICK_SECONDS or len(batch) == BATCH):
            yield since, batch
            batch = []
        since = since if batch else due
        batch.append(each.event)
        rides_before += "ride" in each.event
    if batch:
        yield since, batch
