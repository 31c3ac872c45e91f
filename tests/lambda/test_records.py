"""What a record's fields may hold, at their limits, and what becomes of them."""

import base64
import json
from math import isnan, nan
from typing import Any

import pytest

from records import COLUMNS, Completed, RejectedError, Ride, parse, read
from tests.bundles import RIDE

FULL = {**RIDE, "lpep_pickup_datetime": "2023-03-01T08:30:00", "passenger_count": 2}


def ride(**changes: Any) -> Ride:
    """A ride with some of its fields changed."""
    found = parse({"ride_id": 1, "ride": {**FULL, **changes}})
    assert isinstance(found, Ride)
    return found


def value(column: str, **changes: Any) -> float:
    """A column of a ride's row."""
    return ride(**changes).row[COLUMNS.index(column)]


def test_row() -> None:
    """A Wednesday, half past eight."""
    assert dict(zip(COLUMNS, ride().row, strict=True)) == {
        "PULocationID": 130,
        "DOLocationID": 205,
        "trip_distance": 3.66,
        "pickup_hour": 8,
        "pickup_weekday": 2,
        "pickup_hour_of_week": 56,
        "pickup_minute_of_day": 510,
        "passenger_count": 2,
    }


def test_row_of_a_partial_ride() -> None:
    found = parse({"ride_id": 1, "ride": RIDE})
    assert isinstance(found, Ride)
    assert all(map(isnan, found.row[3:]))
    assert found.fields == RIDE


@pytest.mark.parametrize("field", ["PULocationID", "DOLocationID"])
def test_zone_limits(field: str) -> None:
    assert [value(field, **{field: zone}) for zone in (1, 265)] == [1, 265]
    for zone in (0, 266, -1, True, 1.0, "1", None, [1]):
        with pytest.raises(RejectedError, match=f"{field} must be an integer from 1 to 265, got"):
            ride(**{field: zone})


def test_distance_limits() -> None:
    largest = 3.4028234663852886e38
    assert [value("trip_distance", trip_distance=miles) for miles in (0, 0.0, largest)] == [0, 0, largest]
    for miles in (-0.1, -1, largest * 1.0000001, nan, float("inf"), True, "1", None):
        with pytest.raises(RejectedError, match="trip_distance must be a finite number from 0 up, got"):
            ride(trip_distance=miles)


def test_passenger_limits() -> None:
    assert [value("passenger_count", passenger_count=count) for count in (0, 9)] == [0, 9]
    assert isnan(value("passenger_count", passenger_count=None))
    for count in (-1, True, 1.0, "1"):
        with pytest.raises(RejectedError, match="passenger_count must be an integer from 0 up, got"):
            ride(passenger_count=count)


@pytest.mark.parametrize("text", ["2023-03-01T08:30", "2023-03-01 08:30:00", "2023-03-01T08:30:59.999999"])
def test_times(text: str) -> None:
    assert value("pickup_minute_of_day", lpep_pickup_datetime=text) == 510


@pytest.mark.parametrize(
    "text",
    [
        *("2023-03-01T08:30:00Z", "2023-03-01T08:30:00+00:00", "2023-03-01T08:30:00-05:00", "2023-03-01", ""),
        *("20230301T083000", "2023-02-29T08:30:00", "2023-03-01T24:30:00", "2023-03-01_08:30:00", 1, 1.5, []),
    ],
)
def test_refused_times(text: Any) -> None:
    with pytest.raises(RejectedError, match="lpep_pickup_datetime must be New York local time in ISO 8601"):
        ride(lpep_pickup_datetime=text)
    with pytest.raises(RejectedError, match="lpep_dropoff_datetime must be New York local time"):
        parse({"ride_id": 1, "event": "completed", "lpep_dropoff_datetime": text})


def test_completed() -> None:
    event = {"ride_id": "a", "event": "completed", "lpep_dropoff_datetime": "2023-03-01 08:30"}
    assert parse(event) == Completed("a", "2023-03-01T08:30:00")


def test_other_events_are_rides() -> None:
    assert isinstance(parse({"ride_id": 1, "event": "started", "ride": RIDE}), Ride)


@pytest.mark.parametrize("ride_id", [None, True, 1.5, [], {}])
def test_refused_ids(ride_id: Any) -> None:
    with pytest.raises(RejectedError, match="ride_id must be a string or a 64-bit integer, got"):
        parse({"ride_id": ride_id, "ride": RIDE})


@pytest.mark.parametrize(("event", "reason"), [([], "object, got list"), (None, "object, got NoneType")])
def test_refused_events(event: Any, reason: str) -> None:
    with pytest.raises(RejectedError, match=f"the record must be a JSON {reason}"):
        parse(event)
    with pytest.raises(RejectedError, match="ride must be a JSON object, got "):
        parse({"ride_id": 1, "ride": event})


@pytest.mark.parametrize("data", [b"{", b"\xff", b""])
def test_refused_data(data: bytes) -> None:
    with pytest.raises(RejectedError, match="the record is not valid JSON in UTF-8: "):
        read(base64.b64encode(data).decode())


def test_flat_events_keep_only_a_rides_fields() -> None:
    flat = {"ride_id": 7, **FULL, "colour": "green"}
    found = read(base64.b64encode(json.dumps(flat).encode()).decode())
    assert (found.ride_id, isinstance(found, Ride) and found.fields) == (7, FULL)


def test_reasons_are_short() -> None:
    with pytest.raises(RejectedError) as caught:
        ride(trip_distance="x" * 2**20)
    assert str(caught.value).endswith("got '" + "x" * 79)
