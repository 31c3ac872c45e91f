"""A prediction explained: where it is found, what it rests on, and what cannot be explained."""

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from ops.stack.explain_cli import app
from workloads.data.s3 import Bucket
from workloads.monitoring.ground_truth import JOINED
from workloads.monitoring.ground_truth_files import ROW_GROUP, folder, parquet

RIDES = 3 * ROW_GROUP  # of a day
MANIFEST = {
    "model_sha256": "m" * 64,
    "run_id": "r" * 32,
    "data_source": "tlc",
    "created_at": "2023-02-20T06:00:00+00:00",
    "training": {"months": ["2023-01"]},
    "metrics": {"valid_rmse": 4.03, "valid_mae": 2.8, "valid_month": "2023-02"},
    "sources": {
        "2023-01": {"dataset": "green", "sha256": "a" * 64},
        "2023-02": {"dataset": "green", "sha256": "b" * 64},
    },
}


@cache
def day_of_rides(day: str) -> bytes:
    ids = [f"{day}-{number:07d}" for number in range(RIDES)]
    row = {name: [None] * RIDES for name in JOINED.names}
    columns = {
        **row, "ride_id": ids, "model": ["rides"] * RIDES, "version": ["3"] * RIDES,
        "predicted_minutes": [float(number) for number in range(RIDES)], "minutes": [9.0] * RIDES,
    }  # fmt: skip
    return parquet(pa.table(columns, schema=JOINED))


@pytest.fixture
def bucket(aws_account: None) -> Bucket:
    """Two joined days, their model, and the months that the bucket took in: one as trained on, one not."""
    boto3.client("s3").create_bucket(Bucket="data")
    found = Bucket("data")
    for day in ("2023-03-01", "2023-03-02"):
        found.put(f"{folder(date.fromisoformat(day))}/rides.parquet", day_of_rides(day))
    found.put("models/rides/versions/3/manifest.json", json.dumps(MANIFEST).encode())
    for month, digest in (("2023-01", "a"), ("2023-02", "c")):
        found.put(f"processed/green/{month}.json", json.dumps({"sha256": digest * 64}).encode())
    return found


def explain(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data-bucket", "data"])


@pytest.mark.parametrize("number", [0, ROW_GROUP - 1, ROW_GROUP, RIDES - 1])
def test_back_to_the_months(bucket: Bucket, number: int) -> None:
    """From the first and the last ride of a row group; a file that is not the one trained on is told."""
    found = json.loads(explain(f"2023-03-01-{number:07d}", "--json").stdout)
    assert (found["ride"]["day"], found["ride"]["predicted_minutes"]) == ("2023-03-01", number)
    assert (found["version"], found["run_id"]) == ("3", "r" * 32)
    months = [(each["month"], each["role"], each["in_bucket"]) for each in found["months"]]
    assert months == [("2023-01", "train", True), ("2023-02", "validate", False)]


def test_reads_a_part_of_the_files(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is why it is quick however many predictions there are."""
    sizes: list[int] = []
    get_range = Bucket.get_range

    def counted(self: Bucket, key: str, wanted: str) -> bytes:
        body = get_range(self, key, wanted)
        sizes.append(len(body))
        return body

    monkeypatch.setattr(Bucket, "get_range", counted)
    assert explain("2023-03-01-0000005").exit_code == 0
    whole = [bucket.size(f"processed/joined/dt=2023-03-0{day}/rides.parquet") or 0 for day in (1, 2)]
    assert sum(sizes) < sum(whole)


LOOK_UP = """
import sys
import types

import workloads.monitoring.explain
from workloads.monitoring.ground_truth_lookup import find

body = open(sys.argv[1], "rb").read()

def get_range(key, wanted):
    first, last = map(int, wanted.removeprefix("bytes=").split("-"))
    return body[first : last + 1]

bucket = types.SimpleNamespace(size=lambda key: len(body), get_range=get_range)
ride = find(bucket, "2023-03-01-0000005", "2023-03-01")
print(ride["predicted_minutes"], ride["predicted_at"], "pandas" in sys.modules)
"""


def test_pandas_is_not_imported(tmp_path: Path) -> None:
    """Which takes longer than all the rest of the command, and which pyarrow does in many places."""
    rides = pq.read_table(io.BytesIO(day_of_rides("2023-03-01"))).slice(0, 9)
    made = pa.array([datetime(2023, 3, 1, 13, tzinfo=UTC)] * 9, JOINED.field("predicted_at").type)
    rides = rides.set_column(JOINED.names.index("predicted_at"), "predicted_at", made)
    (tmp_path / "rides.parquet").write_bytes(parquet(rides))
    words = [sys.executable, "-c", LOOK_UP, str(tmp_path / "rides.parquet")]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    assert done.stdout == "5.0 2023-03-01 13:00:00+00:00 False\n"


def test_in_words(bucket: Bucket) -> None:
    lines = explain("2023-03-02-0000005", "--day", "2023-03-02").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "ride", "prediction", "model", "training", "train", "validate",
    ]  # fmt: skip
    assert lines[-1].endswith("NOT the file in the bucket")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nobody"], "got 'nobody', which has no prediction on any joined day of s3://data"),
        (["2023-03-01-0000005", "--day", "2023-03-02"], "no prediction on 2023-03-02"),
    ],
)
def test_no_such_ride(bucket: Bucket, words: list[str], message: str) -> None:
    done = explain(*words)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert message in done.stderr


def test_version_that_was_deleted(bucket: Bucket) -> None:
    boto3.client("s3").delete_object(Bucket="data", Key="models/rides/versions/3/manifest.json")
    done = explain("2023-03-01-0000005")
    assert (done.exit_code, "version 3 was deleted" in done.stderr) == (1, True)


def test_manifest_without_checksums(bucket: Bucket) -> None:
    """Of versions that were trained before it held them."""
    old: dict[str, Any] = {name: value for name, value in MANIFEST.items() if name != "sources"}
    bucket.put("models/rides/versions/3/manifest.json", json.dumps(old).encode())
    found = json.loads(explain("2023-03-01-0000005", "--json").stdout)
    assert [each["in_bucket"] for each in found["months"]] == [None, None]
