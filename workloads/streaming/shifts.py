"""Known shifts of rides, to see that they are found: what breaks in a meter, a feed or a city."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

Ride = dict[str, Any]  # as in a ride event: the two zones, the distance, perhaps pickup and passengers

_MAX_ZONE = 265
_KILOMETERS = 1.609344  # in a mile


def distance_unit(ride: Ride) -> Ride:
    """The distance in kilometers, called miles."""
    return {**ride, "trip_distance": ride["trip_distance"] * _KILOMETERS}


def zone_remap(ride: Ride) -> Ride:
    """Zones numbered anew."""
    return {
        **ride,
        "PULocationID": ride["PULocationID"] % _MAX_ZONE + 1,
        "DOLocationID": ride["DOLocationID"] % _MAX_ZONE + 1,
    }


def missing_column(ride: Ride) -> Ride:
    """The number of passengers is no longer sent."""
    return {name: value for name, value in ride.items() if name != "passenger_count"}


def hour_shift(ride: Ride) -> Ride:
    """The pickup in UTC instead of New York's time; the date stays, or the ride would be another day's."""
    started = ride.get("lpep_pickup_datetime")
    if started is None:
        return ride
    moment = datetime.fromisoformat(started)
    later = moment + timedelta(hours=5)
    return {**ride, "lpep_pickup_datetime": later.replace(month=moment.month, day=moment.day).isoformat()}


SHIFTS: Mapping[str, Callable[[Ride], Ride]] = {
    "distance-unit": distance_unit,
    "zone-remap": zone_remap,
    "missing-column": missing_column,
    "hour-shift": hour_shift,
}
