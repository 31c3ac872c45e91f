"""AutoML on this machine: the containers' own commands, by --local."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from ops.automl.cli import app
from tests.workloads.conftest import Month

MODEL = "models/ride_duration_prediction_model"
MONTHS = ("2023-01", "2023-02")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLOPS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def test_the_state_machine_runs_the_real_tasks(here: Path, sample: Month) -> None:
    """As processes, in its order, with its inputs: each finds in the bucket what the one before has left."""
    raw = here / "local/bucket/raw/green"
    raw.mkdir(parents=True)
    for month in MONTHS:
        table = pq.read_table(sample(month)).replace_schema_metadata()  # made-up trips would be refused
        pq.write_table(table, raw / f"{month}.parquet")
    entry = {"month": MONTHS[0], "validate": MONTHS[1], "predict": MONTHS[1], "trials": 1}
    words = ["machine", json.dumps(entry), "--local", "--folder", "local"]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (0, "SUCCEEDED\n")
    bucket = here / "local/bucket"
    (best,) = bucket.glob("automl/studies/local-*/best.json")
    assert json.loads(best.read_text())["trials"] == 1
    pointer = json.loads((bucket / MODEL / "champion.json").read_text())
    summary = json.loads((bucket / f"predictions/batch/{MONTHS[1]}/summary.json").read_text())
    assert summary["version"] == pointer["version"] == "1"
    assert summary["rows"] >= summary["scored"] > 10_000


def test_paths_are_meant_from_where_one_is(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The task itself runs in the folder, whose bucket is there from one command to the next."""
    pointer = here / "local/bucket" / MODEL / "champion.json"
    pointer.parent.mkdir(parents=True)
    pointer.write_text('{"version": "5"}')
    (here / "rides.csv").write_text("PULocationID,DOLocationID,trip_distance\n93,194,3.9\n")
    words = ["predict", "--local", "--folder", "local", "--input", "rides.csv", "--output=out"]
    assert CliRunner().invoke(app, words).exit_code == 1
    assert "versions/5/: holds no bundle; train the model again" in capfd.readouterr().err
    assert json.loads((here / "out/job.json").read_text())["version"] == "5"
