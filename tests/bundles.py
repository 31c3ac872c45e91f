"""Model bundles and a bucket in memory, for whatever tests the predictor."""

import base64
import functools
import gzip
import hashlib
import json
from typing import Any

import numpy as np
import orjson
import xgboost
from numpy.typing import NDArray

MODEL = "ride_duration_prediction_model"
ZONES = [1, 7, 42, 74, 75, 130, 205]
FEATURES: list[dict[str, Any]] = [
    {"name": "PULocationID", "type": "categorical", "categories": ZONES},
    {"name": "DOLocationID", "type": "categorical", "categories": ZONES},
    {"name": "trip_distance", "type": "numeric"},
]
NAMES = ["PULocationID", "DOLocationID", "trip_distance"]
TYPES = ["c", "c", "q"]
RIDE = {"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66}
SHARD = "shardId-000000000000"
ARRIVED = 1_680_000_000.5  # 2023-03-28 10:40 UTC


def booster(rounds: int = 20, *, seed: int = 7) -> xgboost.Booster:
    """A small model of the kind that training publishes."""
    return _trained(rounds, seed).copy()


@functools.cache
def _trained(rounds: int, seed: int) -> xgboost.Booster:
    random = np.random.default_rng(seed)
    zones = random.integers(0, len(ZONES), size=(4000, 2))
    matrix = np.column_stack([zones, random.gamma(2, 2, 4000)]).astype(np.float32)
    minutes = 3 * matrix[:, 2] + matrix[:, 0] + random.normal(0, 1, 4000) + 5
    return xgboost.train({"tree_method": "hist", "max_depth": 6, "nthread": 1}, data(matrix, minutes), rounds)


def data(matrix: NDArray[np.float32], minutes: NDArray[Any] | None = None) -> xgboost.DMatrix:
    """A matrix of the model's three features."""
    return xgboost.DMatrix(
        matrix, minutes, feature_names=NAMES, feature_types=TYPES, enable_categorical=True, nthread=1
    )


def bundle(
    model: xgboost.Booster, version: str, *, alias: str = "champion", **changes: Any
) -> dict[str, bytes]:
    """A bundle's objects by key, in the order of publication; `changes` are made to the manifest."""
    folder = f"models/{MODEL}/versions/{version}"
    rows = np.array([[5, 6, 3.66], [0, np.nan, 1.5], [np.nan, 2, 30.0]], dtype=np.float32)
    events = [
        {"ride_id": number, "ride": {"PULocationID": pickup, "DOLocationID": dropoff, "trip_distance": miles}}
        for number, (pickup, dropoff, miles) in enumerate([(130, 205, 3.66), (1, 265, 1.5), (265, 42, 30.0)])
    ]
    payload = bytes(model.save_raw("ubj"))
    manifest = {
        "schema": 1,
        "name": MODEL,
        "version": version,
        "run_id": "0" * 32,
        "features": FEATURES,
        "training": {"months": ["2023-01"], "rows": 4000, "start": "2023-01-01", "end": "2023-01-31"},
        "metrics": {"valid_rmse": 1.0, "valid_mae": 1.0, "valid_month": "2023-02"},
        "model_sha256": hashlib.sha256(payload).hexdigest(),
        "base_margin": None,
        "smoke": {"events": events, "predictions": [float(x) for x in model.predict(data(rows))]},
        "libraries": {"xgboost": xgboost.__version__},
        "created_at": "2023-03-01T00:00:00+00:00",
    } | changes
    text = json.dumps(manifest).encode()
    pointer = {
        "schema": 1,
        "name": MODEL,
        "version": version,
        "alias": alias,
        "model_key": f"{folder}/model.ubj",
        "manifest_key": f"{folder}/manifest.json",
        "model_sha256": manifest["model_sha256"],
        "manifest_sha256": hashlib.sha256(text).hexdigest(),
        "updated_at": "2023-03-01T00:00:00+00:00",
    }
    return {
        f"{folder}/model.ubj": payload,
        f"{folder}/manifest.json": text,
        f"models/{MODEL}/{alias}.json": json.dumps(pointer).encode(),
    }


def lines(body: bytes) -> list[dict[str, Any]]:
    """The lines of an object that the predictor wrote."""
    return [orjson.loads(line) for line in gzip.decompress(body).splitlines()]


def ride_event(ride_id: object = 256, **changes: object) -> bytes:
    """A ride event with some of its fields changed."""
    return json.dumps({"ride_id": ride_id, "ride": RIDE | changes}).encode()


def batch(payloads: list[bytes], *, first: int = 1) -> dict[str, Any]:
    """What the event source mapping sends for payloads, numbered from `first` on."""
    records = []
    for place, payload in enumerate(payloads):
        number = f"{49_000_000_000_000_000_000_000 + first + place}"
        kinesis = {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": number,
            "data": base64.b64encode(payload).decode(),
            "approximateArrivalTimestamp": ARRIVED,
        }
        records.append(
            {
                "kinesis": kinesis,
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"{SHARD}:{number}",
                "eventName": "aws:kinesis:record",
            }
        )
    return {"Records": records}
