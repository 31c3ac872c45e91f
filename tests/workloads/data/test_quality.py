"""Which trips are rides, why the others are rejected, and which months are refused."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.workloads.conftest import Month
from workloads.data import synthetic
from workloads.data.months import DataError, file_name
from workloads.data.quality import REASONS, Rides, require, rides

MONTHS = ("2021-01", "2021-02", "2022-01", "2023-01", "2023-02", "2023-03", "2025-01")
at = datetime.fromisoformat
START = at("2023-01-10T12:00:00")
RIDE: dict[str, Any] = {
    "lpep_pickup_datetime": START,
    "lpep_dropoff_datetime": START + timedelta(minutes=10),
    "PULocationID": 74.0,
    "DOLocationID": 75.0,
    "trip_distance": 2.5,
    "passenger_count": 1.0,
}
Change = Callable[[pa.Table], pa.Table]


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    """A file of January 2023 with these rides, each with some fields changed."""
    path = folder / file_name("2023-01")
    pq.write_table(pa.Table.from_pylist([{**RIDE, **row} for row in rows]), path)
    return path


def failed(found: Rides) -> list[str]:
    return [check.name for check in found.checks() if not check.passed]


@pytest.mark.parametrize("name", MONTHS)
def test_months_pass(month: Month, name: str) -> None:
    """Every real month that is at hand, among them one of the pandemic and one with a snow storm."""
    found = rides(month(name), name)
    assert failed(found) == []
    assert len(found.frame) + sum(found.rejected.values()) == pq.read_metadata(month(name)).num_rows
    assert found.frame.lpep_pickup_datetime.is_monotonic_increasing
    assert found.frame.minutes.between(1, 60).all()
    assert (found.frame.lpep_pickup_datetime.dt.strftime("%Y-%m") == name).all()
    assert {str(found.frame[zone].dtype) for zone in ("PULocationID", "DOLocationID")} == {"int64"}


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        ("missing_time", [{"lpep_pickup_datetime": None}, {"lpep_dropoff_datetime": None}]),
        (
            "outside_month",
            [
                {"lpep_pickup_datetime": at("2022-12-31T23:59:59")},
                {"lpep_pickup_datetime": at("2023-02-01")},
                {"lpep_pickup_datetime": at("0001-01-01")},
                {"lpep_pickup_datetime": at("9999-12-31")},
            ],
        ),
        ("invalid_zone", [{"PULocationID": zone} for zone in (None, 0.0, 266.0, 1.5, math.inf, -1.0)]),
        ("invalid_zone", [{"DOLocationID": zone} for zone in (None, 0.0, 266.0, 1.5, math.nan, 1e300)]),
        (
            "invalid_distance",
            [
                {"trip_distance": miles}
                for miles in (None, math.inf, -math.inf, math.nan, -0.01, 100.01, 1e308)
            ],
        ),
        ("invalid_passenger_count", [{"passenger_count": count} for count in (-1.0, 1.5, math.inf)]),
        (
            "too_short",
            [
                {"lpep_dropoff_datetime": START + timedelta(seconds=59)},
                {"lpep_dropoff_datetime": START - timedelta(days=1)},
                {"lpep_dropoff_datetime": at("0001-01-01")},
            ],
        ),
        (
            "too_long",
            [
                {"lpep_dropoff_datetime": START + timedelta(minutes=60, seconds=1)},
                {"lpep_dropoff_datetime": at("9999-12-31")},
            ],
        ),
    ],
)
def test_rejects(tmp_path: Path, reason: str, rows: list[dict[str, Any]]) -> None:
    found = rides(write(tmp_path, {}, *rows), "2023-01")
    assert len(found.frame) == 1
    assert found.rejected == dict.fromkeys(REASONS, 0) | {reason: len(rows)}


@pytest.mark.parametrize(
    "row",
    [
        {"passenger_count": None},
        {"passenger_count": 0.0},
        {"trip_distance": 0.0},
        {"trip_distance": 100.0},
        {"PULocationID": 265.0, "DOLocationID": 1.0},
        {"lpep_dropoff_datetime": START + timedelta(minutes=1)},
        {"lpep_dropoff_datetime": START + timedelta(minutes=60)},
    ],
)
def test_accepts(tmp_path: Path, row: dict[str, Any]) -> None:
    assert len(rides(write(tmp_path, row), "2023-01").frame) == 1


def test_rides_are_in_the_order_of_their_pickups(tmp_path: Path) -> None:
    """Of two at one time the first in the file comes first; what was rejected leaves no gap."""
    early = {"lpep_pickup_datetime": START - timedelta(minutes=5), "trip_distance": 3.0}
    others = [{"trip_distance": miles} for miles in (1.0, -1.0, 2.0)]
    frame = rides(write(tmp_path, *others, early), "2023-01").frame
    assert frame["trip_distance"].to_dict() == {0: 3.0, 1: 1.0, 2: 2.0}


def rows(count: int) -> Change:
    return lambda table: table.slice(0, count)


def days(count: int) -> Change:
    """The first days of the month."""
    limit = pa.scalar(at("2023-01-01") + timedelta(days=count))
    return lambda table: table.filter(pc.less(table["lpep_pickup_datetime"], limit))


def sparse_days(table: pa.Table) -> pa.Table:
    """One day as it is, and a single ride on every other."""
    day = table["lpep_pickup_datetime"].to_numpy().astype("datetime64[D]")
    _, first = np.unique(day, return_index=True)
    busy = np.flatnonzero(day == np.datetime64("2023-01-10"))
    return table.take(np.union1d(busy, first))


def infinite(table: pa.Table) -> pa.Table:
    """A third of the distances."""
    miles = table["trip_distance"].to_numpy().copy()
    miles[::3] = np.inf
    return table.set_column(table.schema.get_field_index("trip_distance"), "trip_distance", pa.array(miles))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (rows(0), ["rides of 2023-01", "days of 2023-01 with 100 rides"]),
        (rows(3), ["rides of 2023-01", "days of 2023-01 with 100 rides"]),
        (days(1), ["rides of 2023-01", "days of 2023-01 with 100 rides"]),
        (days(20), ["days of 2023-01 with 100 rides"]),
        (sparse_days, ["rides of 2023-01", "days of 2023-01 with 100 rides"]),
        (infinite, ["trips of 2023-01 that were rejected"]),
    ],
    ids=["no rows", "three rows", "one day", "20 days", "sparse days", "infinite distances"],
)
def test_refuses_months(tmp_path: Path, change: Change, expected: list[str]) -> None:
    path = synthetic.generate(tmp_path, "2023-01")
    pq.write_table(change(pq.read_table(path)), path)
    found = rides(path, "2023-01")
    assert failed(found) == expected
    with pytest.raises(DataError) as caught:
        require(found.checks(), path)
    assert all(name in str(caught.value) for name in expected)


def test_refuses_another_month(month: Month) -> None:
    """The content is checked against the month in the name."""
    found = rides(month("2023-01"), "2023-02")
    assert "trips outside 2023-02" in failed(found)


def test_refuses_an_appended_month(month: Month, tmp_path: Path) -> None:
    """Two months in one file are not one of them."""
    path = tmp_path / file_name("2023-01")
    columns = list(RIDE)
    tables = [pq.read_table(month(name), columns=columns) for name in ("2023-01", "2023-02")]
    pq.write_table(pa.concat_tables(tables, promote_options="permissive"), path)
    assert "trips outside 2023-01" in failed(rides(path, "2023-01"))
