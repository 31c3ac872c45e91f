"""Features and answers, as the two usual ways compute them in plain Python."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

_FEATURES = json.loads(Path(os.environ["BENCHMARK_MANIFEST"]).read_text())["features"]
_CODES = {
    feature["name"]: {zone: float(code) for code, zone in enumerate(feature["categories"])}
    for feature in _FEATURES
    if feature["type"] == "categorical"
}
VERSION = "1"


def features(ride: dict[str, Any]) -> dict[str, float]:
    """The model's features by name, in its order; NaN is missing."""
    time = datetime.fromisoformat(ride["lpep_pickup_datetime"])
    passengers = ride.get("passenger_count")
    known = {
        "trip_distance": float(ride["trip_distance"]),
        "pickup_hour": float(time.hour),
        "pickup_weekday": float(time.weekday()),
        "pickup_hour_of_week": float(time.weekday() * 24 + time.hour),
        "pickup_minute_of_day": float(time.hour * 60 + time.minute),
        "passenger_count": float("nan") if passengers is None else float(passengers),
    }
    for name, codes in _CODES.items():
        known[name] = codes.get(ride[name], float("nan"))
    return {feature["name"]: known[feature["name"]] for feature in _FEATURES}


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
