"""The months at hand, as days in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from workloads.data.months import DataError, file_name, valid_month
from workloads.data.quality import rides
from workloads.drift.shifts import SHIFTS


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day and its completed rides."""

    day: date
    rides: pd.DataFrame


def months_at_hand(folder: Path, first: str, last: str) -> tuple[list[str], list[str]]:
    """The months from `first` to `last` that the folder has, and those that it lacks.

    Raises:
        DataError: a month is not valid, or fewer than two are there.
    """
    wanted = [str(each) for each in pd.period_range(valid_month(first), valid_month(last), freq="M")]
    found = [each for each in wanted if (folder / file_name(each)).is_file()]
    if len(found) < 2:
        raise DataError(
            f"--data: {folder} has {len(found)} of the months from {first} to {last}; two are needed, "
            "`python -m workloads.data fetch MONTH ... --into DIR` gets them"
        )
    return found, [each for each in wanted if each not in found]


def days(folder: Path, months: Sequence[str], *, shift: str = "", since: date | None = None) -> list[Day]:
    """The days of the months; those without rides are left out.

    Args:
        folder: With the months' files.
        months: As YYYY-MM, in order.
        shift: A known shift to put in, by its name; empty for none.
        since: Its first day; None for the first day of all.

    Raises:
        DataError: there is no such shift, or a file cannot be used.
    """
    if shift and shift not in SHIFTS:
        raise DataError(f"--shift: got {shift!r}, allowed: {', '.join(SHIFTS)}")
    return [_shifted(each, shift, since) for month in months for each in _month(folder, month)]


def _month(folder: Path, month: str) -> Iterator[Day]:
    frame = rides(folder / file_name(month), month).frame
    for start, group in frame.groupby(frame["lpep_pickup_datetime"].dt.normalize()):
        yield Day(day=pd.Timestamp(str(start)).date(), rides=group.reset_index(drop=True))


def _shifted(day: Day, shift: str, since: date | None) -> Day:
    if not shift or (since and day.day < since):
        return day
    return Day(day=day.day, rides=SHIFTS[shift][0](day.rides))
