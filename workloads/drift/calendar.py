"""Which days are alike: workdays, Saturdays, Sundays; and the holidays, which are like none of them."""

from datetime import date
from functools import cache
from typing import Literal

from pandas.tseries.holiday import USFederalHolidayCalendar

DayKind = Literal["workday", "saturday", "sunday"]
KINDS: tuple[DayKind, ...] = ("workday", "saturday", "sunday")
DAYS_A_WEEK = (5, 1, 1)  # of each kind


def kind(day: date) -> DayKind:
    """The kind of a day, by its weekday alone."""
    return KINDS[max(day.weekday() - 4, 0)]


def is_holiday(day: date) -> bool:
    """Whether the day is a federal holiday of the United States, or one's day off."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    found = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")
    # A holiday on a Saturday or Sunday has its day off before or after; both days differ.
    return frozenset(
        {each.date() for each in found} | {date(year, 1, 1), date(year, 12, 25), date(year, 7, 4)}
    )
