"""Days of pickups, and the partitions of the bucket in which their rides arrive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from workloads.data.months import MonthError

_DAY = re.compile(r"20\d\d-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """The days, in UTC, on which a day's rides arrived; completions may come some days later.

    A day in New York begins and ends four or five hours into a day of the bucket's partitions, so a day's
    rides lie in two of them; the one before holds the rides that were still on their way at midnight.
    """

    first: date
    last: date
    late_days: int

    @classmethod
    def of(cls, day: date, *, arrived: str, late_days: int) -> "Arrivals":
        """The partitions of a day.

        Args:
            day: The day of the pickups, in New York.
            arrived: `FIRST..LAST` or one day, of rides that were sent at another time, as a replay is; empty
                for rides that were sent when they began.
            late_days: The days after the last in which completions are still looked for.

        Raises:
            MonthError: `arrived` is not valid.
        """
        if not arrived:
            night = timedelta(days=1)
            return cls(first=day - night, last=day + night, late_days=late_days)
        first, _, last = arrived.partition("..")
        start, end = parse_day(first, "--arrived"), parse_day(last or first, "--arrived")
        if end < start:
            raise MonthError(f"--arrived: got {arrived!r}, allowed: FIRST..LAST with FIRST not after LAST")
        return cls(first=start, last=end, late_days=late_days)

    def days(self) -> Iterator[date]:
        """The days of the predictions' partitions."""
        return _between(self.first, self.last)

    def completion_days(self) -> Iterator[date]:
        """The days of the completions' partitions."""
        return _between(self.first, self.last + timedelta(days=self.late_days))


def parse_day(text: str, setting: str) -> date:
    """A day.

    Raises:
        MonthError: it is not a day as YYYY-MM-DD.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise MonthError(f"{setting}: got {text!r}, allowed: a day as YYYY-MM-DD, like 2023-03-01")


def _between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
