"""What has happened on the stage before anybody looks: months, a training, versions, days, a dead batch."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import boto3
import mlflow
import numpy as np
import pandas as pd
import pyarrow as pa

from ops.local.services import Children
from workloads.data.dataset import GREEN
from workloads.data.fetch import fetch
from workloads.data.quality import rides
from workloads.data.s3 import Bucket
from workloads.monitoring.ground_truth import JOINED
from workloads.monitoring.ground_truth_files import folder, parquet
from workloads.monitoring.history import Row
from workloads.monitoring.report import record, report_day
from workloads.monitoring.settings import MonitoringSettings
from workloads.training import registry
from workloads.training.bundle import Bundle
from workloads.training.publish import DataBucket

MODEL = "ride_duration_prediction_model"
MONTHS = ("2023-01", "2023-02", "2023-03")
REPORTED = date(2023, 3, 14)  # with Evidently's report; the days before have a row of the history each
DAYS = 13


def make(children: Children, environment: Mapping[str, str]) -> None:
    """Makes all of it but the dead batch."""
    given = {**environment, "REPORTS_BUCKET": "reports", **data_dir()}
    for month in MONTHS[:2]:
        children.command(f"data {month}", ["workloads.data", "ingest", month, *_SYNTHETIC], environment=given)
    train = ["workloads.training", "train", MONTHS[0], "--validate", MONTHS[1], *_SYNTHETIC, "--json"]
    children.command("training", train, environment=given)
    registry.connect(environment["MLFLOW_TRACKING_URI"])
    first = registry.load_version(MODEL, "1")
    _versions(first)
    _days(first)


def dead_letter(queue: str, function: str) -> None:
    """Three records in the stream, and a message that says that they could not be delivered."""
    kinesis = boto3.client("kinesis")
    ride = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.4}
    entries = [
        {"Data": json.dumps({"ride_id": f"dead-{number}", "ride": ride}).encode(), "PartitionKey": "dead"}
        for number in range(3)
    ]
    places = kinesis.put_records(StreamName="rides", Records=entries)["Records"]
    summary = kinesis.describe_stream_summary(StreamName="rides")["StreamDescriptionSummary"]
    body = {
        "requestContext": {"functionArn": function, "condition": "RetryAttemptsExhausted"},
        "KinesisBatchInfo": {
            "streamArn": summary["StreamARN"],
            "shardId": places[0]["ShardId"],
            "startSequenceNumber": places[0]["SequenceNumber"],
            "endSequenceNumber": places[-1]["SequenceNumber"],
            "batchSize": 3,
        },
    }
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(body))


_SYNTHETIC = ("--allow-synthetic",)  # where the machine has no month of TLC's


def _versions(first: Bundle) -> None:
    """Two more versions of the same model; the second is the challenger."""
    client = mlflow.MlflowClient()
    figures = json.loads(first.manifest)["metrics"]
    for number, gain in (("2", -0.11), ("3", 0.08)):
        with registry.run(f"train {MONTHS[0]}") as run_id:
            mlflow.set_tags({"data_source": first.data_source, "decision": "publish"})
            mlflow.log_params({"train_month": MONTHS[0], "valid_month": MONTHS[1]})
            better = {
                "valid_rmse": figures["valid_rmse"] - gain,
                "valid_mae": figures["valid_mae"] - gain / 2,
            }
            mlflow.log_metrics(better)
            manifest = {**json.loads(first.manifest), "version": number, "run_id": run_id}
            files = {**first.files(), "manifest.json": json.dumps(manifest).encode()}
            bundle = Bundle.of(files)
            registry.log_bundle(bundle)
        client.create_model_version(MODEL, f"runs:/{run_id}/model", run_id)
    client.set_registered_model_alias(MODEL, "challenger", "3")
    bucket = DataBucket("data")
    bucket.upload(bundle)
    bucket.point("challenger", bundle)


def _days(model: Bundle) -> None:
    """The rides of some days as they were predicted and as they ended; the last day has a shift."""
    found = fetch([MONTHS[2]], data=None, environ=os.environ, allow_synthetic=True, dataset=GREEN)
    frame = rides(found.files[MONTHS[2]], MONTHS[2]).frame
    data, reports = Bucket("data"), Bucket("reports", "REPORTS_BUCKET")
    predict = model.predictor()
    for number in range(DAYS, -1, -1):
        day = REPORTED - timedelta(days=number)
        today = frame[frame["lpep_pickup_datetime"].dt.date == day].reset_index(drop=True)
        if not number:
            today["trip_distance"] *= 1.609344
        predicted = np.asarray(predict(today), dtype=float)
        if number:
            record(reports, _row(day, today["minutes"].to_numpy(float), predicted))
            continue
        data.put(f"{folder(day)}/rides.parquet", parquet(_joined(day, today, predicted)))
        report_day(data, reports, day, MODEL, MonitoringSettings.of({}))


def _row(day: date, minutes: np.ndarray, predicted: np.ndarray) -> Row:
    errors = predicted - minutes
    return Row(
        day=day.isoformat(),
        version="1",
        rides=len(minutes),
        completed=len(minutes),
        completeness=1.0,
        rmse=float(np.sqrt((errors**2).mean())),
        mae=float(np.abs(errors).mean()),
        mean_error=float(errors.mean()),
        judged=True,
    )


def _joined(day: date, today: pd.DataFrame, predicted: np.ndarray) -> pa.Table:
    count = len(today)
    columns = {
        **{name: [None] * count for name in JOINED.names},
        **{
            name: today[name].tolist()
            for name in ("PULocationID", "DOLocationID", "trip_distance", "minutes")
        },
        "ride_id": [f"{day}-{number:07d}" for number in range(count)],
        "model": [MODEL] * count,
        "version": ["1"] * count,
        "predicted_minutes": predicted.tolist(),
        "lpep_pickup_datetime": today["lpep_pickup_datetime"].dt.to_pydatetime().tolist(),
        "passenger_count": today["passenger_count"].astype(float).tolist(),
        "predicted_at": [datetime.combine(day, datetime.min.time(), UTC)] * count,
    }
    return pa.table(columns, schema=JOINED)


def data_dir() -> dict[str, str]:
    """Where TLC's months are, if this machine has them."""
    return {name: os.environ[name] for name in ("MLOPS_DATA_DIR",) if name in os.environ}
