"""Synthetic months for where no trip data can be had: the same for everybody, and marked as synthetic.

A city of 265 zones on a plane, with few popular and many quiet ones; rides lead mostly to zones nearby;
speed follows the hour and the day; meters fail now and then, as they do in TLC's files.
"""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workloads.data.atomic import atomic_write
from workloads.data.dataset import GREEN, Dataset

Numbers = NDArray[np.float64]

ROWS = 65_000  # about what a month of 2023 holds
ZONES = 265
_MARK = {b"mlops.source": b"synthetic"}
# Rides by hour of the day, and miles an hour at that hour, on a weekday.
_DEMAND = np.interp(np.arange(24), [0, 4, 8, 12, 18, 22, 23], [2, 0.6, 5, 4.5, 7.5, 4, 3])
_SPEED = np.interp(np.arange(24), [0, 4, 8, 12, 17, 21, 23], [17, 20, 11, 11.5, 9.5, 14, 16])


def is_synthetic(path: Path) -> bool:
    """Whether this generator wrote the file."""
    return (pq.read_schema(path).metadata or {}).get(b"mlops.source") == b"synthetic"


def generate(folder: Path, month: str, dataset: Dataset = GREEN) -> Path:
    """Writes the month's file, in the layout of TLC's; the same month gives the same rides."""
    path = folder / dataset.file_name(month)
    with atomic_write(path) as temporary:
        trips = _trips(month)
        names = [dataset.columns[name] for name in trips.column_names]
        pq.write_table(trips.rename_columns(names).replace_schema_metadata(_MARK), temporary)
    return path


def _trips(month: str) -> pa.Table:
    random = np.random.default_rng(int(month.replace("-", "")))
    places, pull = _city()
    pickup = _pick(random, np.tile(pull.sum(1) / pull.sum(), (1, 1)), np.zeros(ROWS, dtype=int))
    dropoff = _pick(random, pull / pull.sum(1, keepdims=True), pickup)
    started, hour, weekend = _times(random, month)
    beeline = np.linalg.norm(places[pickup] - places[dropoff], axis=1)
    distance = (0.4 + 1.35 * beeline) * random.lognormal(0, 0.12, ROWS)
    speed = _SPEED[hour] * np.where(weekend, 1.15, 1.0) * random.lognormal(0, 0.18, ROWS)
    minutes = 2.5 + distance / speed * 60
    broken = random.random(ROWS)  # of a thousand meters, some forget the distance, run on, or stop at once
    distance = np.where(broken < 0.02, 0.0, np.where(broken > 0.9995, distance * 1000, distance))
    minutes = np.where(broken > 0.985, minutes + 1380, np.where(broken > 0.97, minutes / 60, minutes))
    passengers = np.where(random.random(ROWS) < 0.06, np.nan, random.choice([1, 1, 1, 1, 2, 3, 5], ROWS))
    columns = {
        "lpep_pickup_datetime": pa.array(started, pa.timestamp("us")),
        "lpep_dropoff_datetime": pa.array(
            started + (minutes * 60).astype("timedelta64[s]"), pa.timestamp("us")
        ),
        "PULocationID": pa.array(pickup + 1, pa.int32()),
        "DOLocationID": pa.array(dropoff + 1, pa.int32()),
        "passenger_count": pa.array(passengers, pa.float64(), from_pandas=True),
        "trip_distance": pa.array(np.round(distance, 2), pa.float64()),
    }
    return pa.table(columns).replace_schema_metadata(_MARK)


@cache
def _city() -> tuple[Numbers, Numbers]:
    """Where zones lie, in miles, and how many rides lead from each to each; no month changes the city."""
    random = np.random.default_rng(265)
    places = random.normal(0, 4.5, (ZONES, 2))
    weight = random.pareto(1.1, ZONES) + 0.02
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    return places, weight[:, None] * weight[None, :] * np.exp(-apart / 2.2)


def _pick(random: np.random.Generator, shares: Numbers, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each entry of `rows` a column, drawn by that row's shares."""
    steps = shares.cumsum(1)
    drawn = random.random(len(rows))
    return np.array(
        [np.searchsorted(steps[row], x * steps[row, -1]) for row, x in zip(rows, drawn, strict=True)]
    )


def _times(
    random: np.random.Generator, month: str
) -> tuple[NDArray[np.datetime64], NDArray[np.int64], NDArray[np.bool_]]:
    """When rides begin, in order; the hour of each, and whether it is a weekend's."""
    first = datetime.fromisoformat(f"{month}-01")
    days = ((first + timedelta(days=31)).replace(day=1) - first).days
    weekday = (first.weekday() + np.arange(days)) % 7
    weekly = np.where(weekday >= 5, 0.8, 1.0)
    day = random.choice(days, ROWS, p=weekly / weekly.sum())
    hour = random.choice(24, ROWS, p=_DEMAND / _DEMAND.sum())
    seconds = np.sort(day * 86400 + hour * 3600 + random.integers(0, 3600, ROWS))
    started = np.datetime64(first, "s") + seconds.astype("timedelta64[s]")
    return started, seconds // 3600 % 24, weekday[seconds // 86400] >= 5
