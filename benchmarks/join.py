"""`python -m benchmarks.join`: a day of 1,000,000 predictions and their completions, joined."""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np

from ops.local.services import Children

BATCH = 500  # records, as the stacks' mapping hands them to the predictor


def main() -> None:
    """Fills a bucket in moto, joins it with the command line in a process of its own; prints seconds, MiB."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rides", type=int, default=1_000_000)
    rides = parser.parse_args().rides
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder)) as children:
        moto = children.serve(
            "moto", "ops.local.moto.server", health="/moto-api/", environment={"SERVER_FOLDER": folder}
        )
        children.wait(moto)
        credentials = {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "a",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        os.environ |= {**credentials, "AWS_ENDPOINT_URL": moto.url, "DATA_BUCKET": "data"}
        fill(boto3.client("s3"), rides)
        words = [sys.executable, "-m", "workloads.monitoring", "join", "2023-03-01", "--json"]
        started = time.perf_counter()
        account = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, mib = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(f"{account['predictions']:,} predictions, {account['completed']:,} completed: "
              f"{seconds:.1f} s, {cpu:.1f} of them its own, {mib:.0f} MiB at most")  # fmt: skip
        explained(rides)


def explained(rides: int) -> None:
    """Prints how long `python -m ops explain` takes for a ride of that day."""
    manifest = {
        "model_sha256": "",
        "run_id": "",
        "created_at": "",
        "training": {"months": ["2023-01"]},
        "metrics": {"valid_rmse": 4.0, "valid_month": "2023-02"},
    }
    key = "models/ride_duration_prediction_model/versions/3/manifest.json"
    boto3.client("s3").put_object(Bucket="data", Key=key, Body=json.dumps(manifest))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    words = [sys.executable, "-m", "ops", "explain", f"2023-03-{rides // 3:07d}"]
    subprocess.run(words, check=True, capture_output=True)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"ops explain: {seconds:.2f} s, {cpu:.2f} of them its own")


def fill(s3: Any, rides: int) -> None:
    """Writes the day's objects, as the predictor does."""
    s3.create_bucket(Bucket="data")
    random = np.random.default_rng(1)
    for first in range(0, rides, BATCH):
        numbers = range(first, min(first + BATCH, rides))
        hour = 5 + first * 19 // rides
        moment = f"2023-03-01T{hour:02}:00:00.000+00:00"
        zones = random.integers(1, 266, (len(numbers), 2)).tolist()
        predictions = [
            {
                "model": "ride_duration_prediction_model",
                "version": "3",
                "prediction": {"ride_duration": 10.123456789, "ride_id": f"2023-03-{number:07d}"},
                "ride": {
                    "PULocationID": start,
                    "DOLocationID": end,
                    "trip_distance": 2.34,
                    "lpep_pickup_datetime": f"2023-03-01T{hour - 5:02}:{number % 60:02}:30",
                    "passenger_count": 1,
                },
                "sequence_number": f"{number:056d}",
                "predicted_at": moment,
            }
            for number, (start, end) in zip(numbers, zones, strict=True)
        ]
        ends = [
            {
                "ride_id": f"2023-03-{number:07d}",
                "lpep_dropoff_datetime": f"2023-03-01T{hour - 5:02}:59:59",
                "sequence_number": f"{rides + number:056d}",
                "received_at": moment,
            }
            for number in numbers
        ]
        for kind, lines in (("predictions", predictions), ("actuals", ends)):
            body = gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines), 1)
            key = f"{kind}/dt=2023-03-01/hour={hour:02}/shardId-000000000000-{first:056d}.jsonl.gz"
            s3.put_object(Bucket="data", Key=key, Body=body)


if __name__ == "__main__":
    main()
