"""Batch prediction: which rows are scored, and the same bytes whatever happens on the way."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from tests.workloads.conftest import Month
from workloads.automl import predict as predict_module
from workloads.automl.bucket import Bucket
from workloads.automl.places import Folder, place_of
from workloads.automl.predict import Scoring, predict
from workloads.data.months import DataError
from workloads.training.bundle import Bundle, pack
from workloads.training.errors import SettingError, TrainingError
from workloads.training.model import Score, fit

BUCKET, NAME, ALIAS = "data", "rides", "champion"
COLUMNS = ["lpep_pickup_datetime", "PULocationID", "DOLocationID", "trip_distance", "passenger_count"]


@pytest.fixture(scope="session")
def bundle(train_set: Any) -> Bundle:
    return pack(
        fit(train_set.head(2000)), train_set, score=Score(rmse=4.0, mae=3.0), months=("2023-01", "2023-02"),
        data_source="tlc", name=NAME, version="7", run_id="a",
    )  # fmt: skip


@pytest.fixture
def s3(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=f"{bundle.folder}/model.ubj", Body=bundle.model)
        client.put_object(Bucket=BUCKET, Key=f"{bundle.folder}/manifest.json", Body=bundle.manifest)
        pointer = json.dumps(bundle.pointer(ALIAS))
        client.put_object(Bucket=BUCKET, Key=f"models/{NAME}/{ALIAS}.json", Body=pointer)
        yield client


@pytest.fixture
def rides(month: Month) -> pa.Table:
    """3,500 rows of a month as they come, some of which are no rides."""
    return pq.read_table(month("2023-01"), columns=COLUMNS).slice(0, 3500)


def job(source: Path, target: Path, *, part_rows: int = 1000) -> Scoring:
    return Scoring(
        source=Folder(source), target=Folder(target), bucket=Bucket(BUCKET), model_name=NAME,
        model_alias=ALIAS, part_rows=part_rows,
    )  # fmt: skip


def written(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_row_has_its_prediction(s3: Any, bundle: Bundle, rides: pa.Table, tmp_path: Path) -> None:
    """The predictions are those of the bundle, row by row; a row that is no ride has none."""
    broken = rides.to_pandas()
    broken["PULocationID"] = broken["PULocationID"].astype("float64")
    broken.loc[5, "PULocationID"], broken.loc[6, "trip_distance"] = 0, np.inf
    broken.loc[7, "passenger_count"] = -1
    pq.write_table(pa.table(broken), tmp_path / "rides.parquet")
    summary = predict(job(tmp_path / "rides.parquet", tmp_path / "out"))
    found = pa.concat_tables(pq.read_table(path) for path in sorted((tmp_path / "out").glob("version=7/*")))
    assert found["row"].to_pylist() == list(range(3500))
    missing = [row for row, minutes in enumerate(found["ride_duration"].to_pylist()) if minutes is None]
    assert missing == [5, 6, 7]
    assert (summary["rows"], summary["scored"], summary["version"]) == (3500, 3497, "7")
    expected = bundle.predict(broken.drop(index=missing).astype({"PULocationID": "int64"}))
    scored = found["ride_duration"].drop_null().to_numpy()
    assert np.array_equal(scored, expected)
    assert found.schema.metadata[b"version"] == b"7"


def test_csv_gives_the_same_predictions(s3: Any, rides: pa.Table, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(rides, tmp_path / "in/rides.parquet")
    pyarrow.csv.write_csv(rides, tmp_path / "in/rides.csv")
    predict(job(tmp_path / "in", tmp_path / "out"))
    tables = {
        kind: [pq.read_table(path) for path in sorted((tmp_path / "out").glob(f"version=7/rides.{kind}-*"))]
        for kind in ("csv", "parquet")
    }
    assert [len(one) for one in tables["csv"]] == [1000, 1000, 1000, 500]
    assert all(one.equals(other) for one, other in zip(*tables.values(), strict=True))


def test_killed_and_resumed_gives_the_same_bytes(
    s3: Any, rides: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts that are there are not scored again, and a model that is published meanwhile changes nothing."""
    pq.write_table(rides, tmp_path / "rides.parquet")
    predict(job(tmp_path / "rides.parquet", tmp_path / "whole"))

    def kill(part: str, _rows: int) -> None:
        if part.endswith("000001.parquet"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict(job(tmp_path / "rides.parquet", tmp_path / "halved"), kill)
    assert len(written(tmp_path / "halved")) == 3
    s3.put_object(Bucket=BUCKET, Key=f"models/{NAME}/{ALIAS}.json", Body=b'{"version": "8"}')
    scored: list[int] = []
    real = predict_module._write

    def counted(*args: Any, first: int) -> None:
        scored.append(first)
        real(*args, first=first)

    monkeypatch.setattr(predict_module, "_write", counted)
    predict(job(tmp_path / "rides.parquet", tmp_path / "halved"))
    assert scored == [2000, 3000]
    assert written(tmp_path / "halved") == written(tmp_path / "whole")


def test_a_new_version_scores_again(s3: Any, bundle: Bundle, rides: pa.Table, tmp_path: Path) -> None:
    """The version before is left where it was; what is finished by the current one is not scored again."""
    pq.write_table(rides, tmp_path / "rides.parquet")
    work = job(tmp_path / "rides.parquet", tmp_path / "out")
    assert predict(work)["version"] == "7"
    before = written(tmp_path / "out")
    scored: list[str] = []
    assert predict(work, lambda part, _rows: scored.append(part))["version"] == "7"
    assert scored == []
    manifest = json.dumps({**json.loads(bundle.manifest), "version": "8"})
    for name, body in (("model.ubj", bundle.model), ("manifest.json", manifest)):
        s3.put_object(Bucket=BUCKET, Key=f"models/{NAME}/versions/8/{name}", Body=body)
    s3.put_object(Bucket=BUCKET, Key=f"models/{NAME}/{ALIAS}.json", Body=b'{"version": "8"}')
    summary = predict(work)
    after = written(tmp_path / "out")
    assert (summary["version"], summary["scored"]) == ("8", 3500)
    assert all(part.startswith("version=8/") and part in after for part in summary["parts"])
    assert {part: after[part] for part in before if "=" in part} == {
        part: digest for part, digest in before.items() if "=" in part
    }


def test_from_one_prefix_of_s3_to_another(s3: Any, rides: pa.Table, tmp_path: Path) -> None:
    pq.write_table(rides, tmp_path / "rides.parquet")
    for name in ("a.parquet", "deeper/b.parquet", "notes.txt"):
        s3.upload_file(str(tmp_path / "rides.parquet"), BUCKET, f"in/{name}")
    places = (place_of("--input", f"s3://{BUCKET}/in"), place_of("--output", f"s3://{BUCKET}/out/"))
    both = Scoring(
        source=places[0], target=places[1], bucket=Bucket(BUCKET), model_name=NAME, model_alias=ALIAS
    )
    assert predict(both)["rows"] == 7000
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")["Contents"]]
    assert keys == [
        "out/job.json",
        "out/summary.json",
        "out/version=7/a.parquet-000000.parquet",
        "out/version=7/deeper/b.parquet-000000.parquet",
    ]
    one = place_of("--input", f"s3://{BUCKET}/in/a.parquet")
    assert list(one.list()) == ["a.parquet"]


def test_target_of_other_files(s3: Any, rides: pa.Table, tmp_path: Path) -> None:
    pq.write_table(rides, tmp_path / "one.parquet")
    predict(job(tmp_path / "one.parquet", tmp_path / "out"))
    pq.write_table(rides.slice(0, 10), tmp_path / "two.parquet")
    with pytest.raises(SettingError, match="--output: holds predictions of other files"):
        predict(job(tmp_path / "two.parquet", tmp_path / "out"))


@pytest.mark.parametrize("target", ["out", "s3://data/in/out", "s3://data/in"])
def test_target_within_the_source(s3: Any, rides: pa.Table, tmp_path: Path, target: str) -> None:
    """Else an interrupted run finds its own predictions among what it has to score."""
    pq.write_table(rides, tmp_path / "one.parquet")
    s3.upload_file(str(tmp_path / "one.parquet"), BUCKET, "in/one.parquet")
    source = "s3://data/in" if target.startswith("s3:") else str(tmp_path)
    target = target if target.startswith("s3:") else str(tmp_path / target)
    both = Scoring(
        source=place_of("--input", source), target=place_of("--output", target), bucket=Bucket(BUCKET),
        model_name=NAME, model_alias=ALIAS,
    )  # fmt: skip
    with pytest.raises(SettingError, match="--output: lies within --input"):
        predict(both)


def test_another_value_is_another_file(s3: Any, tmp_path: Path) -> None:
    """Though it has as many bytes."""
    header = "PULocationID,DOLocationID,trip_distance\n"
    (tmp_path / "rides.csv").write_text(header + "93,194,3.9\n")
    predict(job(tmp_path / "rides.csv", tmp_path / "out"))
    (tmp_path / "rides.csv").write_text(header + "93,194,8.9\n")
    with pytest.raises(SettingError, match="--output: holds predictions of other files"):
        predict(job(tmp_path / "rides.csv", tmp_path / "out"))


@pytest.mark.parametrize("name", ["rides.parquet", "rides.csv"])
@pytest.mark.parametrize("content", [b"", b"PULocationID,other\n1,2\n", b"PAR1 not"])
def test_files_that_cannot_be_read(s3: Any, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: cannot be read .*give Parquet or CSV with the columns"):
        predict(job(tmp_path / name, tmp_path / "out"))


def test_nothing_to_score(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--input: holds no file that ends in"):
        predict(job(tmp_path, tmp_path / "out"))


@pytest.mark.parametrize("damage", ["pointer", "model", "manifest"])
def test_model_that_cannot_be_used(
    s3: Any, bundle: Bundle, rides: pa.Table, tmp_path: Path, damage: str
) -> None:
    keys = {"pointer": f"models/{NAME}/{ALIAS}.json", "model": f"{bundle.folder}/model.ubj"}
    s3.put_object(Bucket=BUCKET, Key=keys.get(damage, f"{bundle.folder}/manifest.json"), Body=b"{}")
    pq.write_table(rides, tmp_path / "rides.parquet")
    with pytest.raises(TrainingError, match=r"train (one|the model)"):
        predict(job(tmp_path / "rides.parquet", tmp_path / "out"))
