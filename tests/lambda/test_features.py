"""The predictor's matrix is training's, bit for bit: each has its own code for the features."""

import base64
import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features import Encoder
from records import Ride, read
from workloads.data import synthetic
from workloads.data.months import file_name
from workloads.data.quality import rides as rides_of
from workloads.training.features import CATEGORICAL, NUMERIC, Feature, matrix

ZONES = [zone for zone in range(1, 266) if zone % 7]  # every seventh was never seen in training
FEATURES: list[Feature] = [
    *({"name": name, "type": "categorical", "categories": ZONES} for name in CATEGORICAL),
    *({"name": name, "type": "numeric"} for name in NUMERIC),
]
HOURS_TESTED = [
    "2023-03-01T00:00:00",  # midnight
    "2023-03-05T23:59:59",  # a Sunday's last second
    "2023-03-06T00:00:00",  # a Monday's first
    "2023-03-12T02:30:00",  # in the hour that New York's clocks leave out
    "2023-11-05T01:30:00",  # in the hour that they repeat
    "2024-02-29T12:00:00",
    "2022-12-31T23:59:59.999999",
]


def served(events: Iterable[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """The predictor's matrix of ride events, in the form in which Kinesis delivers them."""
    found = [read(base64.b64encode(json.dumps(event).encode()).decode()) for event in events]
    rides = [ride for ride in found if isinstance(ride, Ride)]
    values = Encoder([dict(feature) for feature in FEATURES]).matrix(rides)
    return np.array(values, dtype=np.float32).reshape(len(found), len(FEATURES))


def event(row: dict[Any, Any]) -> dict[str, Any]:
    """A row of a month as a ride event; what is missing is left out."""
    ride = {name: value for name, value in row.items() if name in (*CATEGORICAL, "trip_distance")}
    if not pd.isna(row["lpep_pickup_datetime"]):
        ride["lpep_pickup_datetime"] = row["lpep_pickup_datetime"].isoformat()
    if not pd.isna(row["passenger_count"]):
        ride["passenger_count"] = int(row["passenger_count"])
    return {"ride_id": 1, "ride": ride}


def assert_same(rows: pd.DataFrame) -> None:
    """Both ways from rides to the matrix give the same bytes."""
    assert served(map(event, rows.to_dict("records"))).tobytes() == matrix(rows, FEATURES).tobytes()


@pytest.mark.parametrize("month", ["2021-01", "2023-02", "2025-01"])
def test_real_rides(month: str, tmp_path: Path) -> None:
    file = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), file_name(month))
    rows = rides_of(file if file.exists() else synthetic.generate(tmp_path, month), month).frame.iloc[::40]
    assert len(rows) > 500
    assert_same(rows)


@pytest.mark.parametrize("time", HOURS_TESTED)
def test_times(time: str) -> None:
    rows = pd.DataFrame(
        {"PULocationID": [1], "DOLocationID": [2], "trip_distance": [0.1], "passenger_count": [1]}
    )
    assert_same(rows.assign(lpep_pickup_datetime=pd.Timestamp(time)))


def test_every_hour_of_a_week() -> None:
    """Stated here in words, not computed: Monday is day 0 and the week's hours go on from there."""
    start = datetime(2023, 3, 6, 0, 59)  # noqa: DTZ001 - New York's wall clock
    ride = {"PULocationID": 1, "DOLocationID": 2, "trip_distance": 1}
    found = served(
        {"ride_id": 1, "ride": {**ride, "lpep_pickup_datetime": (start + timedelta(hours=hour)).isoformat()}}
        for hour in range(168)
    )
    names = [feature["name"] for feature in FEATURES]
    columns = {name: found[:, names.index(name)].astype(int).tolist() for name in NUMERIC[1:4]}
    assert columns["pickup_weekday"] == [day for day in range(7) for _ in range(24)]
    assert columns["pickup_hour_of_week"] == list(range(168))
    assert columns["pickup_minute_of_day"] == [60 * hour + 59 for hour in range(24)] * 7


RIDES = st.fixed_dictionaries(
    {
        "PULocationID": st.integers(1, 265),
        "DOLocationID": st.integers(1, 265),
        "trip_distance": st.floats(0, 3.4028234663852886e38),
        "lpep_pickup_datetime": st.none() | st.datetimes(datetime(2009, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
        "passenger_count": st.none() | st.integers(0, 2**53),
    }
)


@given(st.lists(RIDES, min_size=1, max_size=20))
@example(
    [
        {
            "PULocationID": 1,
            "DOLocationID": 265,
            "trip_distance": 5e-324,
            "lpep_pickup_datetime": None,
            "passenger_count": 0,
        }
    ]
)
def test_random_rides(rides: list[dict[str, Any]]) -> None:
    rows = pd.DataFrame(rides).astype(
        {"passenger_count": "float64", "lpep_pickup_datetime": "datetime64[us]"}
    )
    assert_same(rows)
