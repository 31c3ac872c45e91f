"""A month of rides as the events that meters send: one when a ride begins, one when it has ended."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from workloads.streaming.shifts import Ride


class Timed(NamedTuple):
    """An event and New York's time at which it happens."""

    at: datetime
    order: int  # of events at the same time
    event: Mapping[str, Any]


def events(
    rides: pd.DataFrame,
    *,
    prefix: str,
    change: Callable[[Ride], Ride],
    completions: bool,
    limit: int,
) -> Iterator[Timed]:
    """The events in the order of their times.

    Args:
        rides: As `quality.rides` gives them, in the order of their pickups.
        prefix: What ride ids begin with: another one for every run, or rides count as predicted again.
        change: A shift, applied to each ride as it is sent.
        completions: Whether rides end.
        limit: The most rides.
    """
    open_rides: list[Timed] = []
    for number, row in enumerate(rides.head(limit).to_dict("records")):
        start, end = (row[f"lpep_{what}_datetime"].to_pydatetime() for what in ("pickup", "dropoff"))
        while open_rides and open_rides[0].at <= start:
            yield heapq.heappop(open_rides)
        ride_id = f"{prefix}-{number:07d}"
        yield Timed(start, number, {"ride_id": ride_id, "ride": change(_ride(row, start))})
        if completions:
            event = {"ride_id": ride_id, "event": "completed", "lpep_dropoff_datetime": end.isoformat()}
            heapq.heappush(open_rides, Timed(end, number, event))
    while open_rides:
        yield heapq.heappop(open_rides)


def _ride(row: Mapping[Any, Any], start: datetime) -> Ride:
    ride: Ride = {
        "PULocationID": int(row["PULocationID"]),
        "DOLocationID": int(row["DOLocationID"]),
        "trip_distance": float(row["trip_distance"]),
        "lpep_pickup_datetime": start.isoformat(),
    }
    if not pd.isna(row["passenger_count"]):
        ride["passenger_count"] = int(row["passenger_count"])
    return ride
