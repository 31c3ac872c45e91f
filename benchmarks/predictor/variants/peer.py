"""The usual way: mlflow.pyfunc on a pipeline with a DictVectorizer, a record at a time, a write a record."""

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import mlflow.pyfunc
from rides import features, line

Put = Callable[[str, bytes], Any]


def load(folder: str) -> Callable[[dict[str, Any]], None]:
    """The handler with the pipeline from a folder, whose writes go nowhere."""
    return _handler(f"{folder}/pyfunc", lambda _key, _body: None)


def cold(_folder: str) -> Callable[[dict[str, Any]], None]:
    """The handler with the pipeline from S3, boto3 for the predictions."""
    import boto3

    bucket = os.environ["DATA_BUCKET"]
    client = boto3.client("s3")
    return _handler(
        f"s3://{bucket}/pyfunc", lambda key, body: client.put_object(Bucket=bucket, Key=key, Body=body)
    )


def _handler(uri: str, put: Put) -> Callable[[dict[str, Any]], None]:
    model = mlflow.pyfunc.load_model(uri)

    def handle(event: dict[str, Any]) -> None:
        for record in event["Records"]:
            number = record["kinesis"]["sequenceNumber"]
            ride = json.loads(base64.b64decode(record["kinesis"]["data"]).decode("utf-8"))
            minutes = float(model.predict(features(ride["ride"]))[0])
            put(f"predictions/{number}.json", json.dumps(line(ride, minutes, number)).encode())

    return handle
