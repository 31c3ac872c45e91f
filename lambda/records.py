"""What a Kinesis record holds: a ride to predict, a finished ride, or something that can never succeed.

The answer depends on the record alone, never on the model, the clock or the rest of the batch, so that a
batch that comes again, whole or in part, is divided as before.
"""

import binascii
from datetime import datetime
from math import nan
from typing import Any, NamedTuple

import orjson

MAX_ZONE = 265  # TLC's taxi zones: https://www.nyc.gov/assets/tlc/downloads/pdf/data_dictionary_trip_records_green.pdf
MAX_FLOAT32 = 3.4028234663852886e38
# The base row of a ride, which features are picked from; a time or a count that is absent is NaN.
COLUMNS = (
    "PULocationID",
    "DOLocationID",
    "trip_distance",
    "pickup_hour",
    "pickup_weekday",
    "pickup_hour_of_week",
    "pickup_minute_of_day",
    "passenger_count",
)
_NO_TIME = (nan, nan, nan, nan)
_FIELDS = frozenset(
    ("PULocationID", "DOLocationID", "trip_distance", "lpep_pickup_datetime", "passenger_count")
)


Record = dict[str, Any]  # as the event source mapping sends it, with `kinesis` and `eventID`


class RejectedError(Exception):
    """The record can never succeed; the message is the reason."""


class Ride(NamedTuple):
    """A ride to predict: its fields as they came, and the values of `COLUMNS`."""

    ride_id: str | int
    fields: dict[str, Any]
    row: tuple[float, ...]


class Completed(NamedTuple):
    """A ride that has ended."""

    ride_id: str | int
    dropoff: str


def read(data: str) -> Ride | Completed:
    """Reads a record's data, base64.

    Raises:
        RejectedError: it is no ride event; the message says what is wrong.
    """
    try:
        event = orjson.loads(binascii.a2b_base64(data))
    except (orjson.JSONDecodeError, binascii.Error) as error:
        raise RejectedError(f"the record is not valid JSON in UTF-8: {error}") from None
    return parse(event)


def parse(event: Any) -> Ride | Completed:
    """Reads a ride event.

    Raises:
        RejectedError: it is no ride event; the message says what is wrong.
    """
    if type(event) is not dict:
        raise RejectedError(f"the record must be a JSON object, got {type(event).__name__}")
    ride_id = event.get("ride_id")
    if type(ride_id) is not str and type(ride_id) is not int:
        raise RejectedError(f"ride_id must be a string or a 64-bit integer, got {_shown(ride_id)}")
    if event.get("event") == "completed":
        dropoff = _local_time("lpep_dropoff_datetime", event.get("lpep_dropoff_datetime"))
        return Completed(ride_id, dropoff.isoformat())
    ride = event.get("ride", event)
    if type(ride) is not dict:
        raise RejectedError(f"ride must be a JSON object, got {_shown(ride)}")
    return _ride(ride_id, ride)


def _ride(ride_id: str | int, ride: dict[str, Any]) -> Ride:
    pickup, dropoff = ride.get("PULocationID"), ride.get("DOLocationID")
    if type(pickup) is not int or not 1 <= pickup <= MAX_ZONE:
        raise RejectedError(f"PULocationID must be an integer from 1 to {MAX_ZONE}, got {_shown(pickup)}")
    if type(dropoff) is not int or not 1 <= dropoff <= MAX_ZONE:
        raise RejectedError(f"DOLocationID must be an integer from 1 to {MAX_ZONE}, got {_shown(dropoff)}")
    distance = ride.get("trip_distance")
    if (type(distance) is not float and type(distance) is not int) or not 0 <= distance <= MAX_FLOAT32:
        raise RejectedError(f"trip_distance must be a finite number from 0 up, got {_shown(distance)}")
    passengers = ride.get("passenger_count")
    if passengers is None:
        passengers = nan
    elif type(passengers) is not int or passengers < 0:
        raise RejectedError(f"passenger_count must be an integer from 0 up, got {_shown(passengers)}")
    started = ride.get("lpep_pickup_datetime")
    time = _NO_TIME if started is None else _time_values(started)
    # Most rides hold nothing else, and are their own fields.
    fields = ride if _FIELDS.issuperset(ride) else {name: ride[name] for name in ride if name in _FIELDS}
    return Ride(ride_id, fields, (pickup, dropoff, distance, *time, passengers))


def _time_values(text: Any) -> tuple[float, ...]:
    """Hour, weekday (Monday is 0), hour of the week and minute of the day."""
    time = _local_time("lpep_pickup_datetime", text)
    hour, weekday = time.hour, time.weekday()
    return hour, weekday, weekday * 24 + hour, hour * 60 + time.minute


def _local_time(name: str, text: Any) -> datetime:
    # TLC publishes New York's wall-clock time without an offset, and so does whoever sends a ride.
    try:
        if type(text) is str and text[10:11] in ("T", " "):
            time = datetime.fromisoformat(text)
            if time.tzinfo is None:
                return time
    except ValueError:
        pass
    raise RejectedError(
        f"{name} must be New York local time in ISO 8601 without an offset, "
        f"like 2023-03-01T08:30:00, got {_shown(text)}"
    )


def _shown(value: Any) -> str:
    """The value for a reason, cut short: a record may be a mebibyte."""
    return repr(value)[:80] if type(value) in (str, int, float, bool, type(None)) else type(value).__name__
