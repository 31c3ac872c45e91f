"""Months, data sets and files that are named wrongly end in one line and a code of their own."""

from pathlib import Path

import pytest

from workloads.data.dataset import DATASETS, GREEN, YELLOW
from workloads.data.months import (
    FIRST_MONTH,
    DamagedFileError,
    DataError,
    MonthError,
    damaged_file,
    dataset_named,
    file_name,
    valid_month,
)


@pytest.mark.parametrize("month", ["2016-07", "2016-10", "2023-01", "2099-12"])
def test_accepts_months(month: str) -> None:
    assert valid_month(month) == month == valid_month(month, YELLOW)


@pytest.mark.parametrize(
    "month", ["2016-06", "2023-00", "2023-13", "2023-1", "1999-12", "23-01", "2023-01-01", "x2023-01", ""]
)
def test_refuses_months(month: str) -> None:
    assert FIRST_MONTH == GREEN.first_month == "2016-07"
    with pytest.raises(MonthError, match=r"^month: got .*, allowed: YYYY-MM from 2016-07 on, like 2023-01$"):
        valid_month(month)


def test_data_sets_by_name() -> None:
    assert [dataset_named(name) for name in DATASETS] == [GREEN, YELLOW]
    assert file_name("2023-01") == "green_tripdata_2023-01.parquet"
    assert file_name("2023-01", YELLOW) == "yellow_tripdata_2023-01.parquet"
    with pytest.raises(MonthError, match=r"^DATASET, --dataset: got 'blue', allowed: green, yellow$"):
        dataset_named("blue")


def test_exit_codes() -> None:
    """2 is for a word on the command line, 1 for a file."""
    assert (MonthError.exit_code, DataError.exit_code) == (2, 1)


def test_damaged_file_keeps_its_path() -> None:
    path = Path("x.parquet")
    error = damaged_file(path, ValueError("no magic bytes\nand a second line"))
    assert isinstance(error, DamagedFileError)
    assert error.path == path
    assert str(error) == (
        "x.parquet: is not a complete parquet file (no magic bytes); delete it and fetch it again"
    )
