"""Months, their file names, and the error that every command here turns into one line."""

import re
from pathlib import Path

from workloads.data.dataset import DATASETS, GREEN, Dataset

FIRST_MONTH = GREEN.first_month
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class DataError(Exception):
    """Trip data that cannot be had or used; the message names the file or option, and the fix."""

    exit_code = 1


class MonthError(DataError):
    """A month that is not valid or that TLC has no usable file of."""

    exit_code = 2


def valid_month(month: str, dataset: Dataset = GREEN) -> str:
    """`month` itself.

    Raises:
        MonthError: it is not a month as YYYY-MM, or one before the data set's first.
    """
    first = dataset.first_month
    if not _MONTH.fullmatch(month) or month < first:
        raise MonthError(f"month: got {month!r}, allowed: YYYY-MM from {first} on, like 2023-01")
    return month


class DamagedFileError(DataError):
    """A file that is not what it should be; `path` is where it lies."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


def damaged_file(path: Path, error: Exception) -> DamagedFileError:
    """The error for a file that is empty, truncated or not a parquet file."""
    reason = str(error).partition("\n")[0]
    return DamagedFileError(
        f"{path}: is not a complete parquet file ({reason}); delete it and fetch it again", path
    )


def file_name(month: str, dataset: Dataset = GREEN) -> str:
    """TLC's own name of the month's file."""
    return dataset.file_name(month)


def dataset_named(name: str) -> Dataset:
    """The data set of that name.

    Raises:
        MonthError: there is none.
    """
    if name not in DATASETS:
        raise MonthError(f"DATASET, --dataset: got {name!r}, allowed: {', '.join(DATASETS)}")
    return DATASETS[name]
