"""The predictor's matrix is training's, bit for bit: each has its own code for the features."""

import base64
import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features import GEOMETRY, Encoder
from records import COLUMNS, Ride, read
from workloads.data import synthetic
from workloads.data.months import file_name
from workloads.data.quality import rides as rides_of
from workloads.data.zones import zones
from workloads.training.features import CATEGORICAL, NUMERIC, Feature, matrix

ZONES = [zone for zone in range(1, 266) if zone % 7]  # every seventh was never seen in training
FEATURES: list[Feature] = [
    *(Feature(name=name, type="categorical", categories=ZONES) for name in CATEGORICAL),
    *(Feature(name=name, type="numeric") for name in NUMERIC),
]
PLACES: dict[str, Any] = json.loads(json.dumps(zones()))  # as the manifest has them
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
    values = Encoder([dict(feature) for feature in FEATURES], PLACES).matrix(rides)
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
    assert served(map(event, rows.to_dict("records"))).tobytes() == matrix(rows, FEATURES, zones()).tobytes()


@pytest.mark.parametrize("month", ["2021-01", "2023-02", "2025-01"])
def test_real_rides(month: str, tmp_path: Path) -> None:
    file = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), file_name(month))
    path = file if file.exists() else synthetic.generate(tmp_path, month)
    rows = rides_of(path, month).frame.iloc[::40]
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


def column(name: str, *rides: dict[str, Any]) -> list[float]:
    """The predictor's values of one feature."""
    found = served({"ride_id": 1, "ride": ride} for ride in rides)
    values: list[float] = found[:, [feature["name"] for feature in FEATURES].index(name)].tolist()
    return values


def trip(pickup: int, dropoff: int, miles: float = 1.0) -> dict[str, Any]:
    return {"PULocationID": pickup, "DOLocationID": dropoff, "trip_distance": miles}


JFK, MIDTOWN, TIMES_SQUARE, UNKNOWN = 132, 161, 230, 265


def test_straight_line() -> None:
    """JFK to Times Square is 13 miles as the crow flies, a zone to itself none, an unknown zone nowhere."""
    rides = [trip(JFK, TIMES_SQUARE), trip(TIMES_SQUARE, JFK), trip(JFK, JFK), trip(JFK, UNKNOWN)]
    there, back, within, unknown = column("straight_miles", *rides)
    assert there == back == pytest.approx(13.3, abs=0.5)
    assert (within, np.isnan(unknown)) == (0, True)


def test_distance_ratio() -> None:
    """At most 1000, and missing where there is no straight line to compare with."""
    straight = column("straight_miles", trip(JFK, TIMES_SQUARE))[0]
    rides = [trip(JFK, TIMES_SQUARE, miles) for miles in (0, 2 * straight, 3e38)]
    assert column("distance_ratio", *rides) == [0, pytest.approx(2), 1000]
    assert np.isnan(column("distance_ratio", trip(JFK, JFK, 5.0), trip(UNKNOWN, JFK, 5.0))).all()


def test_bearing() -> None:
    """East 0, north 1, west 2, south 3 or -1, and in order between them."""
    places = {
        "1": [0.0, 0.0],
        "2": [1.0, 0.0],
        "3": [1.0, 1.0],
        "4": [0.0, 2.0],
        "5": [-1.0, 0.0],
        "6": [0.0, -1.0],
    }
    encoder = Encoder([{"name": "bearing", "type": "numeric"}], places)
    row = (nan,) * (len(COLUMNS) - 2)
    rides = [Ride(1, {}, (1, dropoff, *row)) for dropoff in (2, 3, 4, 5, 6)]
    assert encoder.matrix(rides).tolist() == [0, 0.5, 1, 2, -1]
    frame = pd.DataFrame({"PULocationID": 1, "DOLocationID": [2, 3, 4, 5, 6], "trip_distance": nan})
    frame = frame.assign(lpep_pickup_datetime=pd.Timestamp("NaT"), passenger_count=nan)
    trained = matrix(frame, [Feature(name="bearing", type="numeric")], places)
    assert trained[:, 0].tolist() == [0, 0.5, 1, 2, -1]


@pytest.mark.parametrize(
    "zones",
    [
        {"0": [0.0, 0.0]},
        {"266": [0.0, 0.0]},
        {"x": [0.0, 0.0]},
        {"1": [0.0, float("nan")]},
        {"1": ["a", "b"]},
        {"1": [0.0]},
    ],
)
def test_refuses_wrong_zones(zones: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"zone|unpack"):
        Encoder([{"name": "bearing", "type": "numeric"}], zones)


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_needs_zones(name: str) -> None:
    """Without a table every place is missing; a model without geometry needs none."""
    encoder = Encoder([{"name": name, "type": "numeric"}], {})
    assert np.isnan(encoder.matrix([Ride(1, {}, (JFK, MIDTOWN, 1.0, 1, 1, 1, 1, 1))])[0])


@pytest.mark.parametrize("zone", ["0", "266", "x", "-1"])
def test_refuses_places_of_other_zones(zone: str) -> None:
    features = [{"name": "straight_miles", "type": "numeric"}]
    with pytest.raises(ValueError, match="the table of zones must hold zones from 1 to 265"):
        Encoder(features, {zone: [1.0, 2.0]})


def test_first_and_last_zone_have_places() -> None:
    encoder = Encoder([{"name": "straight_miles", "type": "numeric"}], {"1": [3.0, 0.0], "265": [0.0, 4.0]})
    assert encoder.matrix([Ride(1, {}, (1, 265, 1.0, 1, 1, 1, 1, 1))]).tolist() == [5.0]


@pytest.mark.parametrize("categories", [[2, 1], [1, 1], [1.0, 2.0], [True, 2]])
def test_refuses_categories_out_of_order(categories: list[Any]) -> None:
    with pytest.raises(ValueError, match="must be integers in ascending order"):
        Encoder([{"name": "PULocationID", "type": "categorical", "categories": categories}], {})
