"""Months, their file names, and the error that every command here turns into one line."""

import re
from pathlib import Path

FIRST_MONTH = "2016-07"  # before it, TLC's files have coordinates where the models need zones
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class DataError(Exception):
    """Trip data that cannot be had or used; the message names the file or option, and the fix."""

    exit_code = 1


class MonthError(DataError):
    """A month that is not valid or that TLC has no usable file of."""

    exit_code = 2


def valid_month(month: str) -> str:
    """`month` itself.

    Raises:
        MonthError: it is not a month as YYYY-MM, or one before `FIRST_MONTH`.
    """
    if not _MONTH.fullmatch(month) or month < FIRST_MONTH:
        raise MonthError(f"month: got {month!r}, allowed: YYYY-MM from {FIRST_MONTH} on, like 2023-01")
    return month


def damaged_file(path: Path, error: Exception) -> DataError:
    """The error for a file that is empty, truncated or not a parquet file."""
    reason = str(error).partition("\n")[0]
    return DataError(f"{path}: is not a complete parquet file ({reason}); delete it and fetch it again")


def file_name(month: str) -> str:
    """TLC's own name of the month's file."""
    return f"green_tripdata_{month}.parquet"
