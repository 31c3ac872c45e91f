"""Months and days scored in a bucket in memory."""

import io
import json
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from workloads.data import synthetic
from workloads.data.dataset import GREEN
from workloads.data.ingest import ingest
from workloads.data.quality import rides
from workloads.data.s3 import Bucket
from workloads.prediction.__main__ import app
from workloads.training.bundle import Bundle, pack
from workloads.training.model import Score, fit

NAME = "rides"


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January and February 2023."""
    folder = tmp_path_factory.mktemp("months")
    for month in ("2023-01", "2023-02"):
        synthetic.generate(folder, month)
    return folder


@pytest.fixture(scope="module")
def bundle(months: Path) -> Bundle:
    """A model of some rides of January."""
    some = rides(months / GREEN.file_name("2023-01"), "2023-01").frame.iloc[::20]
    return pack(
        fit(some), some, score=Score(rmse=4.0, mae=3.0), months=("2023-01", "2023-02"),
        data_source="synthetic", name=NAME, version="7", run_id="a",
    )  # fmt: skip


@pytest.fixture
def bucket(aws_account: None, months: Path, bundle: Bundle) -> Bucket:
    """A bucket with both months and the model."""
    boto3.client("s3").create_bucket(Bucket="data")
    found = Bucket("data")
    for month in ("2023-01", "2023-02"):
        ingest(found, month, months / GREEN.file_name(month), "synthetic", GREEN)
    pointer = bundle.pointer("champion")
    found.put(pointer["model_key"], bundle.model)
    found.put(pointer["manifest_key"], bundle.manifest)
    found.put(f"models/{NAME}/champion.json", json.dumps(pointer).encode())
    return found


def command(*words: str) -> Result:
    return CliRunner().invoke(app, ["score", *words, "--data-bucket", "data", "--model-name", NAME, "--json"])


def scored(bucket: Bucket, result: Result) -> tuple[dict[str, Any], pd.DataFrame]:
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)
    return summary, pd.read_parquet(io.BytesIO(bucket.get(summary["key"]) or b""))


def test_month_and_days(bucket: Bucket, months: Path, bundle: Bundle) -> None:
    """Every ride of the newest month, and of days across two months; again, the same."""
    summary, table = scored(bucket, command())
    own = rides(months / GREEN.file_name("2023-02"), "2023-02").frame
    assert (summary["window"], summary["version"], len(table)) == ("2023-02", "7", len(own))
    np.testing.assert_array_equal(table["predicted_minutes"], bundle.predict(own).astype(float))
    before = bucket.get(summary["key"])
    assert scored(bucket, command("2023-02"))[0] == summary
    assert bucket.get(summary["key"]) == before
    _, some = scored(bucket, command("--first", "2023-01-31", "--last", "2023-02-01"))
    days = some["lpep_pickup_datetime"].dt.strftime("%m-%d").value_counts()
    assert set(days.index) == {"01-31", "02-01"}


def test_cut_off_anywhere(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before and after each write; done again, everything is as one run leaves it."""
    days, put = ("--first", "2023-01-31", "--last", "2023-01-31"), Bucket.put
    expected = scored(bucket, command(*days))[0]["key"]
    made = {key: bucket.get(key) for key in bucket.keys("batch/")}
    assert [*made] == [expected, expected.replace("predictions.parquet", "summary.json")]
    for key in made:
        for late in (False, True):
            for each in made:
                boto3.client("s3").delete_object(Bucket="data", Key=each)

            def cut(self: Bucket, written: str, body: bytes, key: str = key, late: bool = late) -> None:
                if late or written != key:
                    put(self, written, body)
                if written == key:
                    raise KeyboardInterrupt

            with monkeypatch.context() as patch:
                patch.setattr(Bucket, "put", cut)
                assert command(*days).exit_code != 0
            assert command(*days).exit_code == 0
            assert {found: bucket.get(found) for found in bucket.keys("batch/")} == made


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["2023-03"], 1, "processed/green/2023-03.parquet: no such month; take it in with"),
        (["2023-13"], 2, "month: got '2023-13', allowed: YYYY-MM"),
        (["2023-01", "--first", "2023-01-01"], 2, "allowed: a month, or a range of days"),
        (["--first", "2023-02-02", "--last", "2023-02-01"], 2, "--last: got 2023-02-01, allowed: 2023-02-02"),
        (["--first", "tomorrow"], 2, "allowed: days as YYYY-MM-DD"),
        (["--dataset", "yellow"], 1, "processed/yellow/ holds no month"),
        (["--model-alias", "nobody"], 1, "nobody.json: no model is published"),
    ],
)
def test_what_cannot_be_scored(bucket: Bucket, words: list[str], code: int, message: str) -> None:
    result = command(*words)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (code, "", 1)
    assert message in result.stderr


def test_damaged_model_is_refused(bucket: Bucket) -> None:
    bucket.put(f"models/{NAME}/versions/7/model.ubj", b"damaged")
    result = command()
    assert (result.exit_code, "does not have the checksum" in result.stderr) == (1, True)
