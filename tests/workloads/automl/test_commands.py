"""`python -m workloads.automl`: one task's results are the next one's inputs, and errors are one line."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import mlflow
import pytest
from typer.testing import CliRunner

from tests.workloads.automl.conftest import BUCKET, MONTHS, Account
from workloads.automl.__main__ import INTERRUPTED, app
from workloads.automl.latest import month_of
from workloads.data.months import MonthError
from workloads.training import registry

ROOT = Path(__file__).parents[3]
NOTHING = dict.fromkeys(["MLOPS_DATA_DIR", "MODEL_NAME", "MODEL_ALIAS", "STUDY", "STUDY_DATABASE_URL"], "")
MODEL = "ride_duration_prediction_model"


@pytest.fixture
def runner(account: Account, tmp_path: Path) -> CliRunner:
    return CliRunner(
        env={
            **NOTHING,
            "MLFLOW_TRACKING_URI": account.tracking_uri,
            "DATA_BUCKET": BUCKET,
            "STUDY_JOURNAL": str(tmp_path / "studies"),
            "MLOPS_CACHE_DIR": str(tmp_path / "cache"),
        }
    )


def test_the_three_tasks(runner: CliRunner, account: Account, tmp_path: Path) -> None:
    """The version is trained with what the study found, and scores the month; MLflow has every trial."""
    words = ["--study", "s", "--trials", "3", "--allow-synthetic", "--json"]
    result = runner.invoke(app, ["optimize", MONTHS[0], *words])
    assert result.exit_code == 0, result.stderr
    best = json.loads(result.stdout)
    assert best == json.loads(account.body("automl/studies/s/best.json"))
    assert best["rmse"] <= best["default_rmse"]
    train = ["train", MONTHS[0], "--validate", MONTHS[1], "--study", "s", "--allow-synthetic", "--json"]
    result = runner.invoke(app, train)
    assert result.exit_code == 0, result.stderr
    client = mlflow.MlflowClient(account.tracking_uri)
    experiment = client.get_experiment_by_name(registry.EXPERIMENT)
    assert experiment
    runs = client.search_runs([experiment.experiment_id])
    trials = [run for run in runs if "trial_state" in run.data.tags]
    (parent,) = (run for run in runs if run.info.run_name == "optimize s")
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {parent.info.run_id}
    assert len(trials) == 3
    (trained,) = (run for run in runs if run.info.run_name == " on ".join(MONTHS))
    chosen = {name: str(value) for name, value in best["parameters"].items()}
    assert chosen.items() <= trained.data.params.items()
    result = runner.invoke(app, ["predict", "--month", MONTHS[1], "--allow-synthetic", "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["version"] == "1"
    assert len(account.keys(f"predictions/batch/{MONTHS[1]}/")) == 3


def test_pipeline_is_the_three_in_one(runner: CliRunner, account: Account) -> None:
    words = ["pipeline", MONTHS[0], "--validate", MONTHS[1], "--predict", MONTHS[1]]
    result = runner.invoke(app, [*words, "--trials", "1", "--allow-synthetic", "--json"])
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["optimize"]["study"] == MONTHS[0]
    assert answer["train"]["version"] == answer["predict"]["version"] == "1"


def test_study_goes_on_on_another_machine(runner: CliRunner, account: Account, tmp_path: Path) -> None:
    """The journal comes from the bucket, where each trial left it."""
    words = ["optimize", MONTHS[0], "--study", "s", "--allow-synthetic", "--trials"]
    assert runner.invoke(app, [*words, "1"]).exit_code == 0
    elsewhere = {"STUDY_JOURNAL": str(tmp_path / "elsewhere")}
    result = runner.invoke(app, [*words, "2", "--json"], env=elsewhere)
    assert result.exit_code == 0, result.stderr
    assert "trial 0," not in result.stderr
    assert json.loads(result.stdout)["trials"] == 2


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (["train", *MONTHS[:1], "--validate", MONTHS[1]], "holds no parameters; run optimize for study", 1),
        (["optimize", "2023-13"], "month: got '2023-13'", 2),
        (["optimize", MONTHS[0], "--study", "../up"], "STUDY, --study: got '../up'", 2),
        (["predict"], "--month, --input: give one of them", 2),
        (["predict", "--input", "s3://"], "--input: got 's3://'", 2),
        (["predict", "--month", MONTHS[0], "--allow-synthetic"], "names no version; train one", 1),
        (["predict", "--month", MONTHS[0], "--data-bucket", "nobodys"], "s3://nobodys/", 1),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_errors_are_one_line(runner: CliRunner, words: list[str], message: str, code: int) -> None:
    result = runner.invoke(app, words)
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1), result.stderr
    assert result.stderr.startswith("automl: ")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("text", "month"),
    [("latest", "2026-08"), ("latest-1", "2026-07"), ("latest-8", "2025-12"), ("2023-01", "2023-01")],
)
def test_months_by_how_new_they_are(text: str, month: str) -> None:
    assert month_of(text, now=datetime(2026, 11, 21, tzinfo=UTC)) == month


@pytest.mark.parametrize("text", ["latest-0", "newest", "latest-999", ""])
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(MonthError, match="allowed: YYYY-MM"):
        month_of(text, now=datetime(2026, 11, 21, tzinfo=UTC))


def test_sigterm_is_told_from_a_failure(tmp_path: Path) -> None:
    """What ends a Spot task is an exit code of its own, at once."""
    script = (
        "import os, signal, time\n"
        "from workloads.automl.__main__ import _do\n"
        "_do(lambda: (os.kill(os.getpid(), signal.SIGTERM), time.sleep(60)), as_json=False)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == INTERRUPTED != -signal.SIGTERM
    assert ended.stderr == b"automl: interrupted; the same command goes on\n"
