"""A predictor in this process, its bundle and its objects in a local S3."""

import base64
import gzip
import hashlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import xgboost
from moto.server import ThreadedMotoServer

BUCKET = "data"
MODEL = "ride_duration_prediction_model"
ZONES = [1, 7, 42, 74, 75, 130, 205]
FEATURES = [
    {"name": "PULocationID", "type": "categorical", "categories": ZONES},
    {"name": "DOLocationID", "type": "categorical", "categories": ZONES},
    {"name": "trip_distance", "type": "numeric"},
]


def booster() -> xgboost.Booster:
    """A small model of the kind that training publishes."""
    random = np.random.default_rng(7)
    zones = random.integers(0, len(ZONES), size=(4000, 2))
    matrix = np.column_stack([zones, random.gamma(2, 2, 4000)]).astype(np.float32)
    minutes = 3 * matrix[:, 2] + matrix[:, 0] + random.normal(0, 1, 4000) + 5
    train = xgboost.DMatrix(matrix, minutes, feature_types=["c", "c", "q"], enable_categorical=True)
    return xgboost.train({"tree_method": "hist", "max_depth": 6, "nthread": 1}, train, 20)


def publish(s3: Any, model: xgboost.Booster, version: str, *, alias: str = "champion") -> None:
    """Writes a bundle in the order of publication: model, manifest, pointer."""
    folder = f"models/{MODEL}/versions/{version}"
    rows = np.array([[5, 6, 3.66], [0, np.nan, 1.5], [np.nan, 2, 30.0]], dtype=np.float32)
    smoke = xgboost.DMatrix(rows, feature_types=["c", "c", "q"], enable_categorical=True)
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
        "smoke": {
            "rows": [[None if np.isnan(x) else float(x) for x in row] for row in rows],
            "predictions": [float(x) for x in model.predict(smoke)],
        },
        "libraries": {"xgboost": xgboost.__version__},
        "created_at": "2023-03-01T00:00:00+00:00",
    }
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
    s3.put_object(Bucket=BUCKET, Key=pointer["model_key"], Body=payload)
    s3.put_object(Bucket=BUCKET, Key=pointer["manifest_key"], Body=text)
    s3.put_object(Bucket=BUCKET, Key=f"models/{MODEL}/{alias}.json", Body=json.dumps(pointer).encode())


class Context:
    """What Lambda passes beside the event."""

    function_name = "taxi-trip-duration-predictor"
    function_version = "1"
    memory_limit_in_mb = "256"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-trip-duration-predictor:live"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """The time left before the function's timeout."""
        return 30_000


@dataclass
class Predictor:
    """The handler, and what it wrote."""

    s3: Any
    handle: Callable[[dict[str, Any], Any], Any]
    sequence: int = 0

    def __call__(self, payloads: list[bytes]) -> dict[str, list[dict[str, Any]]]:
        """Sends one batch; gives the lines it wrote, by the first part of their objects' keys."""
        records = [self._record(payload) for payload in payloads]
        answer = self.handle({"Records": records}, Context())
        assert not (answer or {}).get("batchItemFailures"), answer
        written: dict[str, list[dict[str, Any]]] = {}
        for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            kind = entry["Key"].split("/")[0]
            if kind == "models":
                continue
            body = self.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
            written.setdefault(kind, []).extend(map(json.loads, gzip.decompress(body).splitlines()))
            self.s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
        return written

    def _record(self, payload: bytes) -> dict[str, Any]:
        self.sequence += 1
        number = f"{49_000_000_000_000_000_000_000 + self.sequence}"
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "1",
                "sequenceNumber": number,
                "data": base64.b64encode(payload).decode(),
                "approximateArrivalTimestamp": 1_680_000_000.5,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000000:{number}",
            "eventName": "aws:kinesis:record",
        }


@pytest.fixture(scope="session")
def predictor() -> Iterator[Predictor]:
    """The handler with a champion of version 1."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "DATA_BUCKET": BUCKET,
            "MODEL_NAME": MODEL,
            "MODEL_ALIAS": "champion",
            "CHALLENGER_ALIAS": "",
            "CHALLENGER_SHARE": "0",
            "MODEL_CHECK_SECONDS": "60",
            "POWERTOOLS_SERVICE_NAME": "predictor",
            "POWERTOOLS_METRICS_NAMESPACE": "taxi",
            "LOG_LEVEL": "INFO",
        }.items():
            patch.setenv(name, value)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        publish(s3, booster(), "1")
        patch.syspath_prepend(str(Path(__file__).parents[2] / "lambda"))
        yield Predictor(s3=s3, handle=importlib.import_module("handler").handler)
        sys.modules.pop("handler", None)
    server.stop()
