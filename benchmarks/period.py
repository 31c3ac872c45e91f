"""`python -m benchmarks.period`: a month of 100,000 predictions, reported by the command line."""

import argparse
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
import pandas as pd
import pyarrow as pa

from benchmarks.months import predicted_months
from ops.local.services import Children
from workloads.drift.profile import profile
from workloads.monitoring.ground_truth import JOINED
from workloads.monitoring.ground_truth_files import parquet

MODEL = "ride_duration_prediction_model"
REFERENCE, MONTH = "2023-02", "2023-03"


def main() -> None:
    """Fills buckets in moto with a reference and a joined month; prints the report's seconds and MiB."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=os.environ.get("MLOPS_DATA_DIR"))
    parser.add_argument("--rides", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder)) as children:
        moto = children.serve(
            "moto", "ops.local.moto.server", health="/moto-api/", environment={"SERVER_FOLDER": folder}
        )
        children.wait(moto)
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "a",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": moto.url,
            "DATA_BUCKET": "data",
            "REPORTS_BUCKET": "reports",
            "MODEL_NAME": MODEL,
        }
        fill(boto3.client("s3"), dict(predicted_months(arguments.data)), arguments.rides)
        words = [sys.executable, "-m", "workloads.monitoring", "report-period", MONTH, "--json"]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{found['rides']:,} predictions of {MONTH}: {seconds:.1f} s, {cpu:.1f} of them its own, "
              f"{after.ru_maxrss / 1024:.0f} MiB at most")  # fmt: skip


def fill(s3: Any, months: dict[str, pd.DataFrame], rides: int) -> None:
    """Writes the version's reference, and the month's days as the join leaves them."""
    for name in ("data", "reports"):
        s3.create_bucket(Bucket=name)
    reference = months[REFERENCE]
    table = pa.Table.from_pandas(reference, preserve_index=False)
    files = {
        "reference.json": profile(reference).to_json(),
        "reference.parquet": parquet(table),
        "manifest.json": json.dumps({"metrics": {"valid_month": REFERENCE}}).encode(),
    }
    for name, body in files.items():
        s3.put_object(Bucket="data", Key=f"models/{MODEL}/versions/3/{name}", Body=body)
    drawn = months[MONTH].sample(rides, replace=True, random_state=1).reset_index(drop=True)
    made_at = drawn["lpep_pickup_datetime"].dt.tz_localize("UTC")
    drawn = drawn.assign(
        ride_id=np.arange(rides).astype(str), model=MODEL, version="3", predicted_at=made_at,
        challenger_version=None, challenger_minutes=np.nan,
    )  # fmt: skip
    for day, group in drawn.groupby(drawn["lpep_pickup_datetime"].dt.date):
        joined = pa.Table.from_pandas(group[JOINED.names], schema=JOINED, preserve_index=False)
        s3.put_object(Bucket="data", Key=f"processed/joined/dt={day}/rides.parquet", Body=parquet(joined))


if __name__ == "__main__":
    main()
