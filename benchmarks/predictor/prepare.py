"""What every variant serves: one model in each one's form, one set of events, a local S3 that holds both."""

import base64
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
from moto.server import ThreadedMotoServer

from benchmarks.predictor.processes import BUCKET
from components.streaming.lambda_package import LambdaPlatform, build_zip
from ops.local.function import unpack
from workloads.data.fetch import fetch
from workloads.data.quality import rides
from workloads.data.trips import read
from workloads.training.bundle import Bundle, pack
from workloads.training.model import Model, fit, score
from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME

TRAIN, SERVE = "2023-01", ("2023-02", "2023-03")
SIZES = (1, 100, 500)
BATCHES = 8  # of each size, so that no batch is always the same


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What was made ready; `rides` are the trips that no model has seen, `environment` a function's."""

    model: Model
    bundle: Bundle
    rides: pd.DataFrame
    zip_path: Path
    environment: dict[str, str]


@contextmanager
def prepare(folder: Path) -> Iterator[Prepared]:
    """Trains, writes everything into `folder`, and serves it from a local S3 until the block ends."""
    months = [TRAIN, *SERVE]
    found = fetch(months, data=None, environ=os.environ, allow_synthetic=True)
    known = rides(found.files[TRAIN], TRAIN).frame
    unseen = pd.concat([read(found.files[month]) for month in SERVE], ignore_index=True)
    model = fit(known)
    own = score(known["minutes"].to_numpy(), model.predict(known))
    bundle = pack(
        model,
        known,
        score=own,
        months=(TRAIN, TRAIN),
        data_source=found.source,
        name=DEFAULT_NAME,
        version="1",
        run_id="benchmark",
    )
    zip_path = build_zip(LambdaPlatform.local())
    unpack(zip_path, folder / "ours")
    _write_model(folder, bundle, model)
    _write_events(folder, unseen)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = _environment(folder, f"http://{host}:{port}")
    _upload(folder, environment)
    yield Prepared(model=model, bundle=bundle, rides=unseen, zip_path=zip_path, environment=environment)
    server.stop()


def event(ride_id: int, ride: Mapping[Any, Any]) -> dict[str, Any]:
    """A ride as the contract has it; what the file does not know is left out."""
    fields = {
        "PULocationID": int(ride["PULocationID"]),
        "DOLocationID": int(ride["DOLocationID"]),
        "trip_distance": float(ride["trip_distance"]),
        "lpep_pickup_datetime": ride["lpep_pickup_datetime"].isoformat(),
    }
    if ride["passenger_count"] == ride["passenger_count"]:  # NaN is not itself
        fields["passenger_count"] = int(ride["passenger_count"])
    return {"ride_id": ride_id, "ride": fields}


def batch(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Events as the event source mapping hands them over."""
    records = []
    for number, content in enumerate(events):
        sequence = f"{49_000_000_000_000_000_000_000 + number}"
        kinesis = {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": str(content["ride_id"]),
            "sequenceNumber": sequence,
            "data": base64.b64encode(json.dumps(content).encode()).decode(),
            "approximateArrivalTimestamp": 1_680_000_000.0,
        }
        records.append({"kinesis": kinesis, "eventID": f"shardId-000000000000:{sequence}"})
    return {"Records": records}


def _write_model(folder: Path, bundle: Bundle, model: Model) -> None:
    """The model as a bundle, as XGBoost's file, and as a pipeline for mlflow.pyfunc."""
    files = {
        f"{bundle.folder}/model.ubj": bundle.model,
        f"{bundle.folder}/manifest.json": bundle.manifest,
        f"models/{bundle.name}/{DEFAULT_ALIAS}.json": json.dumps(bundle.pointer(DEFAULT_ALIAS)).encode(),
    }
    for key, body in files.items():
        path = folder / "bucket" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    (folder / "model.ubj").write_bytes(bundle.model)
    (folder / "manifest.json").write_bytes(bundle.manifest)
    from benchmarks.predictor.pipeline import save

    save(model, folder)


def _write_events(folder: Path, unseen: pd.DataFrame) -> None:
    rows = unseen.sample(BATCHES * max(SIZES), random_state=1).to_dict("records")
    events = [event(number, row) for number, row in enumerate(rows)]
    for size in SIZES:
        batches = [batch(events[turn * size : (turn + 1) * size]) for turn in range(BATCHES)]
        (folder / f"events-{size}.json").write_text(json.dumps(batches))


def _environment(folder: Path, endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "MLFLOW_S3_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DATA_BUCKET": BUCKET,
        "MODEL_NAME": DEFAULT_NAME,
        "MODEL_ALIAS": DEFAULT_ALIAS,
        "MODEL_CHECK_SECONDS": "3600",
        "BENCHMARK_MANIFEST": str(folder / "manifest.json"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "OMP_NUM_THREADS": "1",
    }


def _upload(folder: Path, environment: dict[str, str]) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="benchmark",
        aws_secret_access_key="benchmark",  # noqa: S106 - the local S3 takes anything
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(folder / "model.ubj"), BUCKET, "model.ubj")
    for root, prefix in ((folder / "bucket", ""), (folder / "pyfunc", "pyfunc/")):
        for path in root.rglob("*"):
            if path.is_file():
                s3.upload_file(str(path), BUCKET, prefix + path.relative_to(root).as_posix())
