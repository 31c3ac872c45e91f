"""`promote --on`: the challenger takes over only if it was surely better on the rides that both predicted."""

import io
import json
from datetime import date, timedelta
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner, Result

from tests.workloads.training.conftest import BUCKET, NAME, Platform
from tests.workloads.training.test_versions import MODEL, Versions
from workloads.training.__main__ import app
from workloads.training.bundle import Bundle
from workloads.training.registered import AUDIT_EXPERIMENT
from workloads.training.versions import promote

FIRST, DAYS, RIDES = date(2023, 3, 1), 4, 400  # rides of a day
ON = f"{FIRST}..{FIRST + timedelta(days=DAYS - 1)}"


def join(platform: Platform, error: float, *, days: int = DAYS, version: str = "2") -> None:
    """Joined days: the current model is off by 5 minutes on average, the challenger by `error`."""
    rng = np.random.default_rng(1)
    for number in range(days):
        minutes, sign = rng.uniform(5, 40, RIDES), rng.choice([-1, 1], RIDES)
        day = FIRST + timedelta(days=number)
        frame = pd.DataFrame(
            {
                "lpep_pickup_datetime": pd.Timestamp(day) + pd.to_timedelta(np.arange(RIDES), unit="min"),
                "minutes": np.where(np.arange(RIDES) % 10, minutes, np.nan),  # some are still under way
                "predicted_minutes": minutes + sign * rng.exponential(5, RIDES),
                "challenger_version": np.where(np.arange(RIDES) % 7, version, "1"),
                "challenger_minutes": minutes + sign * rng.exponential(error, RIDES),
            }
        )
        file = io.BytesIO()
        frame.to_parquet(file)
        key = f"processed/joined/dt={day}/rides.parquet"
        platform.s3.put_object(Bucket=BUCKET, Key=key, Body=file.getvalue())


@pytest.fixture
def made(platform: Platform, packed: Bundle) -> Versions:
    """Version 1 is served, and version 2 is the challenger."""
    versions = Versions(platform, packed)
    promote(MODEL, "1", versions.bucket, reason="by hand")
    MlflowClient().set_registered_model_alias(NAME, "shadow", "2")
    return versions


def command(platform: Platform, *words: str, challenger: str = "shadow") -> Result:
    environment = {
        "MLFLOW_TRACKING_URI": platform.uri, "DATA_BUCKET": BUCKET, "MODEL_NAME": NAME,
        "MODEL_ALIAS": "current", "CHALLENGER_ALIAS": challenger,
    }  # fmt: skip
    return CliRunner(env=environment).invoke(app, ["promote", *words])


def recorded() -> dict[str, Any]:
    """The decision that is last on record."""
    client = MlflowClient()
    experiment = client.get_experiment_by_name(AUDIT_EXPERIMENT)
    assert experiment
    run = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])[0]
    found: dict[str, Any] = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/decision.json")
    return found


def test_better_challenger_takes_over(made: Versions) -> None:
    """With the figures of the comparison on record."""
    join(made.platform, error=3)
    done = command(made.platform, "--on", ON, "--json")
    move = json.loads(done.stdout)
    assert (done.exit_code, move["version"], move["previous"], move["changed"]) == (0, "2", "1", True)
    assert made.platform.versions() == ("2", "2")
    checks = recorded()["checks"]
    assert [check["passed"] for check in checks] == [True, True]


@pytest.mark.parametrize(
    ("joined", "words"),
    [
        ({"error": 7}, []),
        ({"error": 4.9}, ["--margin", "1"]),
        ({"error": 3, "days": 2}, []),
        ({"error": 3, "version": "3"}, []),
    ],
    ids=["worse", "not better by the margin", "two days", "another challenger's rides"],
)
def test_challenger_that_does_not_pass(made: Versions, joined: dict[str, Any], words: list[str]) -> None:
    """The current version stays, and the record says why."""
    join(made.platform, **joined)
    done = command(made.platform, "--on", ON, *words, "--json")
    move = json.loads(done.stdout)
    assert (done.exit_code, move["action"], move["changed"]) == (0, "refuse", False)
    assert move["reason"]
    assert made.platform.versions() == ("1", "1")
    assert made.entries()[-1] == ("refuse", "2", "1")


def test_without_a_comparison(made: Versions) -> None:
    """By hand, whatever the rides say."""
    assert command(made.platform).exit_code == 0
    assert made.platform.versions() == ("2", "2")


@pytest.mark.parametrize(
    ("words", "challenger", "message"),
    [
        (["--on", "yesterday"], "shadow", "--on: got 'yesterday', allowed: FIRST..LAST"),
        (["--on", "2023-03-02..2023-03-01"], "shadow", "allowed: FIRST..LAST"),
        ([], "nobody", "nobody: no version has this alias; name the version to promote"),
        ([], "", "no alias is set for a challenger"),
    ],
)
def test_one_clear_message(made: Versions, words: list[str], challenger: str, message: str) -> None:
    done = command(made.platform, *words, challenger=challenger)
    assert (done.exit_code != 0, done.stdout, len(done.stderr.splitlines())) == (True, "", 1)
    assert message in done.stderr
    assert made.platform.versions() == ("1", "1")
