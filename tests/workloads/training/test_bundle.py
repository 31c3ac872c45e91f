"""What a bundle holds, and that the predictor computes from it what training computed."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import xgboost

import bundle as predictor_bundle
from features import Encoder
from records import COLUMNS, Ride
from store import Object
from workloads.training.bundle import Bundle
from workloads.training.features import describe, matrix
from workloads.training.model import Model


def ride(row: dict[Any, Any]) -> Ride:
    """A row of a month as the predictor has it."""
    time = row["lpep_pickup_datetime"]
    values = {
        **row,
        "pickup_hour": time.hour,
        "pickup_weekday": time.weekday(),
        "pickup_hour_of_week": time.weekday() * 24 + time.hour,
        "pickup_minute_of_day": time.hour * 60 + time.minute,
    }
    return Ride("1", {}, tuple(values[name] for name in COLUMNS))


def test_predictor_makes_the_same_matrix(train_set: pd.DataFrame, validation_set: pd.DataFrame) -> None:
    features = describe(train_set)
    rows = [ride(row) for row in validation_set.to_dict("records")]
    served = np.array(Encoder([dict(feature) for feature in features]).matrix(rows), dtype=np.float32)
    trained = matrix(validation_set, features)
    assert np.isnan(trained).any(), "a missing value is among them"
    np.testing.assert_array_equal(served.reshape(trained.shape), trained)


def test_manifest(packed: Bundle, train_set: pd.DataFrame) -> None:
    manifest = json.loads(packed.manifest)
    assert manifest["model_sha256"] == hashlib.sha256(packed.model).hexdigest()
    assert manifest["training"]["rows"] == len(train_set)
    assert manifest["metrics"] == {"valid_rmse": 4.0, "valid_mae": 3.0, "valid_month": "2023-02"}
    booster = xgboost.Booster(model_file=bytearray(packed.model))
    rows = np.array(manifest["smoke"]["rows"], dtype=np.float32)
    assert np.isnan(rows).any()
    names, types = booster.feature_names, booster.feature_types
    data = xgboost.DMatrix(rows, feature_names=names, feature_types=types, enable_categorical=True)
    assert booster.predict(data).astype(float).tolist() == manifest["smoke"]["predictions"]


def test_predictor_serves_the_bundle(packed: Bundle, validation_set: pd.DataFrame, fitted: Model) -> None:
    class Store:
        def get(self, key: str, *, etag: str = "") -> Object:
            return Object({"ubj": packed.model, "json": packed.manifest}[key.rpartition(".")[2]], "1")

        def put(self, key: str, body: bytes) -> None:
            raise AssertionError

    pointer = predictor_bundle.read_pointer(json.dumps(packed.pointer("current")).encode(), packed.name)
    served = predictor_bundle.load(Store(), pointer, packed.name)
    found = served.predict([ride(row) for row in validation_set.to_dict("records")])
    assert np.array(found, dtype=np.float32).tobytes() == fitted.predict(validation_set).tobytes()
