"""Months into the data bucket: what is written, what is quarantined, and a kill at every point."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from workloads.data import synthetic
from workloads.data.__main__ import app
from workloads.data.dataset import DATASETS, GREEN, YELLOW
from workloads.data.ingest import ingest
from workloads.data.quality import rides
from workloads.data.s3 import Bucket


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January 2023 of each data set."""
    folder = tmp_path_factory.mktemp("months")
    for dataset in DATASETS.values():
        synthetic.generate(folder, "2023-01", dataset)
    return folder


def objects(s3: Any) -> dict[str, bytes]:
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="data").get("Contents", [])]
    return {key: s3.get_object(Bucket="data", Key=key)["Body"].read() for key in keys}


def command(*words: str, folder: Path) -> Result:
    options = ["--data", str(folder), "--data-bucket", "data", "--allow-synthetic", "--json"]
    return CliRunner().invoke(app, [*words, *options])


@pytest.mark.parametrize("name", DATASETS)
def test_every_trip_is_accounted_for(s3: Any, months: Path, name: str) -> None:
    """Rides and rejected trips are all trips, and every rejected one has its reason beside it."""
    done = command("ingest", "2023-01", "--dataset", name, folder=months)
    record, found = json.loads(done.stdout), objects(s3)
    assert set(found) == {*record["keys"].values(), f"processed/{name}/2023-01.json"}
    kept = pd.read_parquet(io.BytesIO(found[f"processed/{name}/2023-01.parquet"]))
    rejected = pd.read_parquet(io.BytesIO(found[f"quarantine/{name}/2023-01.parquet"]))
    raw = (months / f"{name}_tripdata_2023-01.parquet").read_bytes()
    assert found[f"raw/{name}/2023-01.parquet"] == raw
    assert len(kept) + len(rejected) == pq.read_metadata(io.BytesIO(raw)).num_rows == record["trips"]
    counts = {reason: count for reason, count in record["rejected"].items() if count}
    assert rejected["reason"].value_counts().to_dict() == counts
    assert len(counts) >= 3


def test_yellow_trips_are_read_as_green_ones(months: Path) -> None:
    """The generator makes the same trips, each data set's in its own columns."""
    green, yellow = (
        rides(months / each.file_name("2023-01"), "2023-01", each).frame for each in (GREEN, YELLOW)
    )
    pd.testing.assert_frame_equal(green, yellow)
    assert "tpep_pickup_datetime" in pq.read_schema(months / "yellow_tripdata_2023-01.parquet").names


def test_again_leaves_the_same(s3: Any, months: Path) -> None:
    """The second time the month is read from the bucket."""
    command("ingest", "2023-01", folder=months)
    once = objects(s3)
    done = CliRunner().invoke(app, ["ingest", "2023-01", "--data-bucket", "data", "--allow-synthetic"])
    assert (done.exit_code, objects(s3)) == (0, once)


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.mark.parametrize("writes", range(4))
def test_killed_and_done_again(s3: Any, months: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """After any number of writes; a month without its record is not complete."""
    path, left = months / GREEN.file_name("2023-01"), [None] * writes
    put = Bucket.put

    def killed(bucket: Bucket, key: str, body: bytes) -> None:
        if not left:
            raise Killed
        left.pop()
        put(bucket, key, body)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", killed)
        with pytest.raises(Killed):
            ingest(Bucket("data"), "2023-01", path, "synthetic", GREEN)
    assert "processed/green/2023-01.json" not in objects(s3)
    ingest(Bucket("data"), "2023-01", path, "synthetic", GREEN)
    after = objects(s3)
    ingest(Bucket("data"), "2023-01", path, "synthetic", GREEN)
    assert objects(s3) == after


def broken(folder: Path, how: str) -> Path:
    """A folder with a month that cannot be used."""
    path = synthetic.generate(folder, "2023-01")
    table = pq.read_table(path)
    if how == "truncated":
        path.write_bytes(path.read_bytes()[:50_000])
    elif how == "renamed column":
        names = ["miles" if name == "trip_distance" else name for name in table.column_names]
        pq.write_table(table.rename_columns(names), path)
    elif how == "empty days":
        pq.write_table(table.slice(0, 20_000), path)
    else:
        place = table.schema.get_field_index("PULocationID")
        pq.write_table(table.set_column(place, "PULocationID", table["lpep_pickup_datetime"]), path)
    return folder


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("truncated", "is not a complete parquet file"),
        ("renamed column", "has no column trip_distance"),
        ("wrong type", "PULocationID: got a column of type timestamp[us], allowed: a number"),
        ("empty days", "days of 2023-01 with 100 rides: got"),
    ],
)
def test_unusable_file_is_quarantined(s3: Any, tmp_path: Path, how: str, message: str) -> None:
    """Nothing else is written, and the file is not lost."""
    folder = broken(tmp_path, how)
    done = command("ingest", "2023-01", folder=folder)
    found = objects(s3)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert message in done.stderr
    key, reason = sorted(found)
    assert key.startswith("quarantine/green/files/2023-01-")
    assert found[key] == (folder / GREEN.file_name("2023-01")).read_bytes()
    assert message in json.loads(found[reason])["reason"]


def test_setup_takes_the_first_months(s3: Any, tmp_path: Path) -> None:
    for month in ("2022-01", "2022-02"):
        synthetic.generate(tmp_path, month)
    done = command("setup", "2022-01", "2022-02", folder=tmp_path)
    assert [json.loads(line)["month"] for line in done.stdout.splitlines()] == ["2022-01", "2022-02"]


def test_wrong_options(s3: Any, months: Path) -> None:
    other = command("ingest", "2023-01", "--dataset", "blue", folder=months)
    assert (other.exit_code, other.stderr) == (
        2,
        "data: DATASET, --dataset: got 'blue', allowed: green, yellow\n",
    )
    early = command("ingest", "2016-06", folder=months)
    assert (early.exit_code, "allowed: YYYY-MM from 2016-07 on" in early.stderr) == (2, True)


def test_bucket_that_denies(s3: Any, months: Path) -> None:
    s3.delete_bucket(Bucket="data")
    done = command("ingest", "2023-01", folder=months)
    assert (done.exit_code, "NoSuchBucket" in done.stderr, len(done.stderr.splitlines())) == (1, True, 1)
