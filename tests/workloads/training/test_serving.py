"""`confirm`: whether new predictions are those of the version that the alias names."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from typer.testing import CliRunner, Result

from tests.workloads.training.conftest import BUCKET, NAME
from workloads.data.s3 import Bucket
from workloads.training.__main__ import app
from workloads.training.serving import confirm

MOVED = datetime.now(UTC) - timedelta(minutes=5)
POINTER = {"version": "2", "updated_at": MOVED.isoformat()}


@pytest.fixture
def bucket(aws_account: None) -> Bucket:
    """A bucket whose alias moved to version 2 five minutes ago."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    found = Bucket(BUCKET)
    found.put(f"models/{NAME}/current.json", json.dumps(POINTER).encode())
    return found


def predict(bucket: Bucket, version: str, at: datetime) -> None:
    """An object with one prediction, as the predictor writes it."""
    line = json.dumps({"version": version, "predicted_at": at.isoformat()}).encode()
    bucket.put(f"predictions/dt={at:%Y-%m-%d}/hour={at:%H}/{at.timestamp()}.jsonl.gz", gzip.compress(line))


def command(alias: str = "current") -> Result:
    words = ["confirm", "--data-bucket", BUCKET, "--model-name", NAME, "--model-alias", alias]
    return CliRunner().invoke(app, [*words, "--timeout", "0"])


def test_newest_prediction_is_of_the_version(bucket: Bucket) -> None:
    """Whatever came before it."""
    predict(bucket, "1", MOVED + timedelta(seconds=10))
    predict(bucket, "2", MOVED + timedelta(seconds=90))
    done = command()
    assert (done.exit_code, done.stdout) == (0, "version 2: the newest prediction is of version 2\n")


def test_another_version_is_served(bucket: Bucket) -> None:
    predict(bucket, "1", MOVED + timedelta(seconds=90))
    done = command()
    assert (done.exit_code, done.stdout) == (1, "version 2: the newest prediction is of version 1\n")
    assert done.stderr.startswith("training: current: the predictor still serves version 1, not 2; its log")


def test_no_ride_since_the_alias_moved(bucket: Bucket) -> None:
    """There is nothing to see, which is no error; what was predicted before says nothing."""
    predict(bucket, "1", MOVED - timedelta(seconds=1))
    done = command()
    assert (done.exit_code, done.stdout) == (0, "version 2: no ride came since the alias moved\n")


@pytest.mark.parametrize(("version", "end"), [("1", "FAIL"), ("2", "COMPLETE")])
def test_lineage(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, version: str, end: str) -> None:
    """Read were the pointer, which says the version, and the predictions since."""
    for name, value in {"DAG_ID": "d", "TASK_ID": "t", "DAG_RUN_ID": "r", "TRY_NUMBER": "1"}.items():
        monkeypatch.setenv(f"AIRFLOW_CTX_{name}", value)
    predict(bucket, version, at := MOVED + timedelta(seconds=90))
    command()
    (key,) = (each for each in bucket.keys("lineage/d/t/") if not each.endswith("start.json"))
    event = json.loads(bucket.get(key) or b"")
    read = {each["name"]: each["facets"].get("version") for each in event["inputs"]}
    assert (event["eventType"], event["outputs"]) == (end, [])
    assert read[f"models/{NAME}/current.json"]["datasetVersion"] == "2"
    assert f"predictions/dt={at:%Y-%m-%d}/hour={at:%H}/" in read


def test_waits_for_the_predictor(bucket: Bucket) -> None:
    """Which follows a while after the alias has moved."""
    predict(bucket, "1", MOVED + timedelta(seconds=1))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            predict(bucket, "2", MOVED + timedelta(seconds=60))

    found = confirm(bucket, POINTER, timeout_seconds=60, clock=lambda: sum(slept), sleep=sleep)
    assert (found.confirmed, found.seen, len(slept)) == (True, "2", 3)


def test_gives_up_in_time(bucket: Bucket) -> None:
    predict(bucket, "1", MOVED + timedelta(seconds=1))
    slept: list[float] = []
    found = confirm(bucket, POINTER, timeout_seconds=60, clock=lambda: sum(slept), sleep=slept.append)
    assert (found.confirmed, found.seen, sum(slept)) == (False, "1", 60)


def test_damaged_object(bucket: Bucket) -> None:
    """The join reports it; the others count."""
    now = datetime.now(UTC)
    bucket.put(f"predictions/dt={now:%Y-%m-%d}/hour={now:%H}/damaged.jsonl.gz", b"damaged")
    predict(bucket, "2", MOVED + timedelta(seconds=90))
    assert command().exit_code == 0


def test_nothing_is_served_yet(bucket: Bucket) -> None:
    done = command("nobody")
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "nobody: no version is served yet; train one, or promote one" in done.stderr
