"""Features and answers, as the two usual ways compute them in plain Python."""

import json
import os
from datetime import datetime
from math import hypot, nan
from pathlib import Path
from typing import Any

_MANIFEST = json.loads(Path(os.environ["BENCHMARK_MANIFEST"]).read_text())
_NAMES = [feature["name"] for feature in _MANIFEST["features"]]
_ZONES = {int(zone): place for zone, place in _MANIFEST["zones"].items()}
VERSION = "1"


def features(ride: dict[str, Any]) -> dict[str, float]:
    """The model's features by name, in its order; NaN is missing."""
    time = datetime.fromisoformat(ride["lpep_pickup_datetime"])
    passengers = ride.get("passenger_count")
    values = {
        "trip_distance": float(ride["trip_distance"]),
        "pickup_hour": float(time.hour),
        "pickup_weekday": float(time.weekday()),
        "pickup_hour_of_week": float(time.weekday() * 24 + time.hour),
        "pickup_minute_of_day": float(time.hour * 60 + time.minute),
        "passenger_count": nan if passengers is None else float(passengers),
        **_geometry(ride),
    }
    return {name: values[name] for name in _NAMES}


def _geometry(ride: dict[str, Any]) -> dict[str, float]:
    start = _ZONES.get(ride["PULocationID"], (nan, nan))
    end = _ZONES.get(ride["DOLocationID"], (nan, nan))
    east, north = end[0] - start[0], end[1] - start[1]
    straight, length = hypot(east, north), abs(east) + abs(north)
    slope = north / length if length else nan
    return {
        "pickup_east": start[0],
        "pickup_north": start[1],
        "dropoff_east": end[0],
        "dropoff_north": end[1],
        "straight_miles": straight,
        "bearing": 2 - slope if east < 0 else slope,
        "distance_ratio": min(ride["trip_distance"] / straight, 1000) if straight else nan,
    }


def line(ride: dict[str, Any], minutes: float, number: str) -> dict[str, Any]:
    """The prediction's line."""
    return {
        "model": "ride_duration_prediction_model",
        "version": VERSION,
        "prediction": {"ride_duration": minutes, "ride_id": ride["ride_id"]},
        "ride": ride["ride"],
        "sequence_number": number,
        "predicted_at": datetime.now().isoformat(),  # noqa: DTZ005 - as the usual way has it
    }
