"""What a bundle holds, and that the predictor predicts with it what training predicted."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bundle as predictor_bundle
from records import Completed, Ride, parse, read
from store import Object
from workloads.training.bundle import Bundle
from workloads.training.model import Model


def served_ride(event: dict[str, Any]) -> Ride:
    """A ride event as the predictor reads it."""
    found = read(base64.b64encode(json.dumps(event).encode()).decode())
    assert isinstance(found, Ride)
    return found


def event(row: dict[Any, Any]) -> dict[str, Any]:
    """A row of a month as a ride event."""
    ride = {name: row[name] for name in ("PULocationID", "DOLocationID", "trip_distance")}
    ride["lpep_pickup_datetime"] = row["lpep_pickup_datetime"].isoformat()
    if not pd.isna(row["passenger_count"]):
        ride["passenger_count"] = int(row["passenger_count"])
    return {"ride_id": 1, "ride": ride}


def served(bundle: Bundle) -> predictor_bundle.Model:
    """The bundle as the predictor loads it."""

    class Store:
        def get(self, key: str, *, etag: str = "") -> Object:
            return Object({"ubj": bundle.model, "json": bundle.manifest}[key.rpartition(".")[2]], "1")

        def put(self, key: str, body: bytes) -> None:
            raise AssertionError

    pointer = predictor_bundle.read_pointer(json.dumps(bundle.pointer("current")).encode(), bundle.name)
    return predictor_bundle.load(Store(), pointer, bundle.name)


def test_manifest(packed: Bundle, train_set: pd.DataFrame) -> None:
    manifest = json.loads(packed.manifest)
    assert manifest["model_sha256"] == hashlib.sha256(packed.model).hexdigest()
    assert manifest["training"]["rows"] == len(train_set)
    assert manifest["metrics"] == {"valid_rmse": 4.0, "valid_mae": 3.0, "valid_month": "2023-02"}


def test_smoke_events(packed: Bundle) -> None:
    """Whole and partial rides at the week's ends, whose predictions are those of the published bytes."""
    smoke = json.loads(packed.manifest)["smoke"]
    rides = pd.DataFrame([event["ride"] for event in smoke["events"]])
    times = rides["lpep_pickup_datetime"].dropna()
    assert {"2023-01-01T23:59:59", "2023-01-02T00:00:00"} <= {*times}
    assert rides["lpep_pickup_datetime"].isna().sum() == 1
    assert rides["passenger_count"].isna().any()
    rides["lpep_pickup_datetime"] = pd.to_datetime(rides["lpep_pickup_datetime"], format="ISO8601")
    assert packed.predict(rides).astype(float).tolist() == smoke["predictions"]


def test_predictor_serves_the_bundle(packed: Bundle, validation_set: pd.DataFrame, fitted: Model) -> None:
    found = served(packed).predict([served_ride(event(row)) for row in validation_set.to_dict("records")])
    assert np.array(found, dtype=np.float32).tobytes() == fitted.predict(validation_set).tobytes()


Row = tuple[float, ...]
WRONG_FEATURES: dict[str, Callable[[Row], Row]] = {
    "weekday + 1": lambda row: (*row[:4], row[4] + 1, *row[5:]),
    "hour of the week + 24": lambda row: (*row[:5], row[5] + 24, *row[6:]),
    "no minutes": lambda row: (*row[:6], row[6] // 60 * 60, *row[7:]),
    "zones swapped": lambda row: (row[1], row[0], *row[2:]),
    "no passengers": lambda row: (*row[:7], float("nan")),
    "time as zero": lambda row: tuple(0 if value != value else value for value in row),
}


@pytest.mark.parametrize("mistake", WRONG_FEATURES)
def test_smoke_events_find_wrong_features(
    packed: Bundle, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    """A predictor whose code for the features differs from training's refuses the bundle by itself."""

    def parse_wrongly(event: dict[str, Any]) -> Ride | Completed:
        ride = parse(event)
        assert isinstance(ride, Ride)
        return ride._replace(row=WRONG_FEATURES[mistake](ride.row))

    monkeypatch.setattr(predictor_bundle, "parse", parse_wrongly)
    with pytest.raises(predictor_bundle.BundleError, match="the smoke test predicts"):
        served(packed)


def test_smoke_events_find_wrong_zones(packed: Bundle) -> None:
    """A table of zones that is not the one of training is refused, whoever wrote it."""
    manifest = json.loads(packed.manifest)
    manifest["zones"] = {zone: [north, east] for zone, (east, north) in manifest["zones"].items()}
    with pytest.raises(predictor_bundle.BundleError, match="the smoke test predicts"):
        served(Bundle(model=packed.model, manifest=json.dumps(manifest).encode()))
