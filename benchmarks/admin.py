"""`python -m benchmarks.admin`: the overview on the server, in front of a million predictions."""

import gzip
import json
import os
import statistics
import time
from datetime import UTC, datetime

import boto3
from moto import mock_aws

from workloads.admin.app import create_app
from workloads.admin.settings import Settings

OBJECTS, LINES, VIEWS = 2_000, 500, 200
ENVIRONMENT = {
    "ADMIN_PASSWORD": "a-password-of-this-run",
    "ADMIN_SESSION_KEY": "a-key-of-this-run",
    "AWS_REGION": "us-east-1",
    "DATA_BUCKET": "data",
    "REPORTS_BUCKET": "reports",
    "KINESIS_STREAM_NAME": "rides",
    "PREDICTOR_FUNCTION_NAME": "predictor",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
}


def fill() -> None:
    """A million predictions in this hour's objects."""
    s3, now = boto3.client("s3", region_name="us-east-1"), datetime.now(UTC)
    for name in ("data", "reports"):
        s3.create_bucket(Bucket=name)
    prediction = {"ride_id": "2023-03-0000001", "ride_duration": 12.5}
    ride = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.4}
    line = {"version": "1", "prediction": prediction, "ride": ride, "predicted_at": now.isoformat()}
    body = gzip.compress(b"\n".join([json.dumps(line).encode()] * LINES))
    for number in range(OBJECTS):
        key = f"predictions/{now:dt=%Y-%m-%d/hour=%H}/shardId-000000000000-{number:056d}.jsonl.gz"
        s3.put_object(Bucket="data", Key=key, Body=body)


def main() -> None:
    """Prints the first view and those after it, in milliseconds of wall-clock and of processor time."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with mock_aws():
        fill()
        app = create_app(Settings.of(ENVIRONMENT))
        browser = app.test_client()
        with browser.session_transaction() as session:
            session.update(user="admin", since=int(time.time()))
        took, spent = [], []
        for _ in range(VIEWS):
            began, used = time.perf_counter(), time.thread_time()
            assert browser.get("/").status_code == 200
            took.append(1000 * (time.perf_counter() - began))
            spent.append(1000 * (time.thread_time() - used))
            time.sleep(0.05)
        app.extensions["platform"].stop()
    rest = sorted(took[1:])
    print(
        f"{OBJECTS * LINES:,} predictions in {OBJECTS:,} objects, {VIEWS} views of /: "
        f"first {took[0]:.0f} ms, then median {statistics.median(rest):.1f} ms, "
        f"95 % below {rest[int(0.95 * len(rest))]:.1f} ms, "
        f"{statistics.median(spent):.1f} ms of processor time"
    )


if __name__ == "__main__":
    main()
