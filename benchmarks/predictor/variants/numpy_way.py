"""The xgboost package with NumPy: a whole batch at once, boto3 for S3."""

import base64
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from rides import VERSION, features, line

Put = Callable[[str, bytes], Any]


def load(folder: str) -> Callable[[dict[str, Any]], None]:
    """The handler with the model from a file, whose writes go nowhere."""
    return _handler(Path(folder, "model.ubj").read_bytes(), lambda _key, _body: None)


def cold(_folder: str) -> Callable[[dict[str, Any]], None]:
    """The handler with boto3 for the model and the predictions."""
    import boto3

    client, bucket = boto3.client("s3"), os.environ["DATA_BUCKET"]
    model = client.get_object(Bucket=bucket, Key="model.ubj")["Body"].read()
    return _handler(model, lambda key, body: client.put_object(Bucket=bucket, Key=key, Body=body))


def _handler(model: bytes, put: Put) -> Callable[[dict[str, Any]], None]:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(model))

    def handle(event: dict[str, Any]) -> None:
        records = [record["kinesis"] for record in event["Records"]]
        rides = [json.loads(base64.b64decode(record["data"])) for record in records]
        matrix = np.array([list(features(ride["ride"]).values()) for ride in rides], dtype=np.float32)
        minutes = booster.inplace_predict(matrix, validate_features=False)
        lines = [
            json.dumps(line(ride, float(minute), record["sequenceNumber"]))
            for ride, minute, record in zip(rides, minutes, records, strict=True)
        ]
        body = gzip.compress("\n".join(lines).encode(), 1)
        put(f"predictions/{VERSION}/{records[0]['sequenceNumber']}.jsonl.gz", body)

    return handle
