"""Office hours as cron expressions, and what being closed saves."""

from collections.abc import Sequence

HOURS_PER_WEEK = 7 * 24


def hours_off(start: str, stop: str, days: Sequence[str]) -> float:
    """The hours of a week in which what runs from `start` to `stop` (HH:MM) on `days` is stopped."""
    return HOURS_PER_WEEK - len(set(days)) * (_hours(stop) - _hours(start))


def saving(start: str, stop: str, days: Sequence[str]) -> float:
    """The share, 0 to 1, of what compute costs around the clock that these hours save."""
    return hours_off(start, stop, days) / HOURS_PER_WEEK


def opening(start: str, days: Sequence[str]) -> str:
    """When to start, in EventBridge Scheduler's words."""
    hour, minute = start.split(":")
    return f"cron({int(minute)} {int(hour)} ? * {','.join(days)} *)"


def closing(stop: str) -> str:
    """When to stop: every day, for RDS starts an instance by itself that was stopped for seven."""
    hour, minute = stop.split(":")
    return f"cron({int(minute)} {int(hour)} * * ? *)"


def _hours(clock: str) -> float:
    hour, minute = clock.split(":")
    return int(hour) + int(minute) / 60
