"""A month of trips as the ride events that its meters would have sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

COLUMNS = {
    "PULocationID": pa.int64(),
    "DOLocationID": pa.int64(),
    "trip_distance": pa.float64(),
    "lpep_pickup_datetime": pa.timestamp("us"),
    "lpep_dropoff_datetime": pa.timestamp("us"),
    "passenger_count": pa.float64(),
}


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Ride events in the order of their pickups, and how long each ride took in the end, in minutes."""

    events: list[Mapping[str, Any]]
    minutes: Mapping[str, float]


def replay(path: Path, month: str, count: int) -> Replay:
    """The first `count` rides of the month's file, as they are: what is bad in the data is sent, too."""
    columns = pq.read_table(path, columns=list(COLUMNS))
    table = pa.table({name: columns[name].cast(kind) for name, kind in COLUMNS.items()})
    begin = pa.scalar(datetime.fromisoformat(f"{month}-01"), pa.timestamp("us"))
    table = table.filter(
        pc.greater_equal(table["lpep_pickup_datetime"], begin)
    )  # some meters' clocks are years off
    table = table.sort_by("lpep_pickup_datetime").slice(0, count)
    seconds = pc.divide(
        pc.microseconds_between(table["lpep_pickup_datetime"], table["lpep_dropoff_datetime"]), 1_000_000
    )
    ids = [f"{month}-{index:07d}" for index in range(table.num_rows)]
    rows = table.drop_columns("lpep_dropoff_datetime").to_pylist()
    return Replay(
        events=[{"ride_id": id_, "ride": _ride(row)} for id_, row in zip(ids, rows, strict=True)],
        minutes=dict(zip(ids, (value / 60 for value in seconds.to_pylist()), strict=True)),
    )


def _ride(row: dict[str, Any]) -> dict[str, Any]:
    """The ride's keys of the event contract; what the file does not know is left out."""
    row["lpep_pickup_datetime"] = row["lpep_pickup_datetime"].isoformat()
    if row["passenger_count"] is not None:
        row["passenger_count"] = int(row["passenger_count"])
    return {key: value for key, value in row.items() if value is not None}
