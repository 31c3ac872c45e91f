"""A month's trips as ride events."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops.local.errors import LocalRunError
from ops.sandbox.rides import LiveErrors, Replay, trips_of


def trips(*pickups: str, **columns: Any) -> pa.Table:
    begin = [datetime.fromisoformat(pickup) for pickup in pickups]
    count = len(begin)
    return pa.table(
        {
            "PULocationID": pa.array([41] * count, pa.int32()),
            "DOLocationID": [42] * count,
            "trip_distance": [1.5] * count,
            "lpep_pickup_datetime": pa.array(begin, pa.timestamp("us")),
            "lpep_dropoff_datetime": pa.array(
                [each.replace(minute=30) for each in begin], pa.timestamp("us")
            ),
            "passenger_count": pa.array([1.0] + [None] * (count - 1)),
            **columns,
        }
    )


def saved(folder: Path, table: pa.Table) -> Path:
    path = folder / "green_tripdata_2023-03.parquet"
    pq.write_table(table, path)
    return path


def test_trips_of_the_month_in_order(tmp_path: Path) -> None:
    table = trips("2023-03-02T08:00", "2009-01-01T00:00", "2023-03-01T09:00", "2023-04-01T00:00")
    replay = Replay(trips_of(saved(tmp_path, table), "2023-03"), "2023-03", 2)
    (events,) = replay.chunks()
    assert [event["ride"]["lpep_pickup_datetime"] for event in events] == [
        "2023-03-01T09:00:00",
        "2023-03-02T08:00:00",
    ]
    assert "passenger_count" not in events[0]["ride"]
    assert events[1]["ride"]["passenger_count"] == 1
    assert replay.minutes(str(events[0]["ride_id"])) == 30


def test_month_with_fewer_trips_is_sent_again() -> None:
    replay = Replay(trips("2023-03-01T08:00", "2023-03-01T08:10", "2023-03-01T08:20"), "2023-03", 7)
    events = [event for chunk in replay.chunks() for event in chunk]
    assert [event["ride_id"] for event in events] == [f"2023-03-{index:07d}" for index in range(7)]
    assert events[6]["ride"] == events[0]["ride"]
    assert [replay.minutes(str(event["ride_id"])) for event in events] == [30, 20, 10, 30, 20, 10, 30]


def test_live_errors() -> None:
    replay = Replay(trips("2023-03-01T08:00", "2023-03-01T08:30"), "2023-03", 2)  # 30 minutes, and none
    errors = LiveErrors(replay=replay)
    assert errors.rmse is None
    for index, minutes in enumerate((33.0, 5.0)):
        errors.add({"prediction": {"ride_id": replay.ride_id(index), "ride_duration": minutes}})
    assert errors.rmse == 3.0
    assert len(errors.samples) == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (trips("2023-02-28T23:59", "2023-04-01T00:00"), "holds no trip of 2023-03"),
        (trips("2023-03-01T08:00").drop_columns("PULocationID"), "has no column PULocationID"),
        (trips("2023-03-01T08:00", trip_distance=["far"]), "far"),
    ],
)
def test_unusable_month(tmp_path: Path, table: pa.Table, message: str) -> None:
    path = saved(tmp_path, table)
    with pytest.raises(LocalRunError, match=f"{path}: .*{message}.*; use TLC's file"):
        trips_of(path, "2023-03")


def test_damaged_month(tmp_path: Path) -> None:
    path = tmp_path / "month.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(LocalRunError, match=f"{path}: "):
        trips_of(path, "2023-03")
