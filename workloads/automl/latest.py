"""Months that are named by how new they are, for a schedule whose input is always the same."""

import re
from datetime import UTC, datetime

from workloads.data.months import valid_month

PUBLISHED_MONTHS_AGO = 3  # TLC publishes a month about two months after it has ended
_LATEST = re.compile(r"latest(-(?P<before>[1-9][0-9]{0,2}))?")


def month_of(text: str, *, now: datetime | None = None) -> str:
    """`latest` is the newest month that is published for sure, `latest-1` the one before; else `text` itself.

    Raises:
        MonthError: it is no month.
    """
    found = _LATEST.fullmatch(text)
    if not found:
        return valid_month(text)
    today = now or datetime.now(UTC)
    number = today.year * 12 + today.month - 1 - PUBLISHED_MONTHS_AGO - int(found["before"] or 0)
    return valid_month(f"{number // 12}-{number % 12 + 1:02}")
