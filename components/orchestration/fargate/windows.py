"""The daily and weekly windows in which RDS backs up and maintains a database, in UTC."""

import re

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAY = rf"({'|'.join(_DAYS)}):"
_DAILY = re.compile(f"{_CLOCK}-{_CLOCK}", re.ASCII)
_WEEKLY = re.compile(f"{_DAY}{_CLOCK}-{_DAY}{_CLOCK}", re.ASCII | re.IGNORECASE)
_DAY_MINUTES, _WEEK_MINUTES = 24 * 60, 7 * 24 * 60
_SHORTEST = 30  # minutes: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html


def daily(text: str) -> str:
    """A backup window such as `02:00-03:00`; for pydantic, so its errors say what is allowed."""
    return _long_enough(
        text, _daily_minutes(text), "a window in UTC such as 02:00-03:00, 30 minutes or longer"
    )


def weekly(text: str) -> str:
    """A maintenance window such as `Sun:04:00-Sun:05:00`."""
    allowed = "a window in UTC such as Sun:04:00-Sun:05:00, 30 minutes or longer and shorter than a day"
    return _long_enough(text, _weekly_minutes(text), allowed)


def overlap(backup: str, maintenance: str) -> bool:
    """Whether a daily and a weekly window share a minute, which RDS refuses."""
    found, other = _daily_minutes(backup), _weekly_minutes(maintenance)
    if found is None or other is None:
        return False
    start, length = found
    starts = [
        start + day * _DAY_MINUTES for day in range(-1, 15)
    ]  # the weekly window may pass Sunday's midnight
    return any(one < sum(other) and other[0] < one + length for one in starts)


def _long_enough(text: str, window: tuple[int, int] | None, allowed: str) -> str:
    if window is None or not _SHORTEST <= window[1] <= _DAY_MINUTES - 1:
        raise ValueError(f"allowed: {allowed}")
    return text


def _daily_minutes(text: str) -> tuple[int, int] | None:
    """The minute of the day at which it starts, and its length; None when it is not a daily window."""
    match = _DAILY.fullmatch(text)
    if not match:
        return None
    start, end = (60 * int(match[at]) + int(match[at + 1]) for at in (1, 3))
    return start, (end - start) % _DAY_MINUTES


def _weekly_minutes(text: str) -> tuple[int, int] | None:
    """The minute of the week, from Monday on, at which it starts, and its length."""
    match = _WEEKLY.fullmatch(text)
    if not match:
        return None
    start, end = (
        _DAY_MINUTES * _DAYS.index(match[at].lower()) + 60 * int(match[at + 1]) + int(match[at + 2])
        for at in (1, 4)
    )
    return start, (end - start) % _WEEK_MINUTES
