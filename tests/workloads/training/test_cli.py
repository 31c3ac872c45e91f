"""`python -m workloads.training`: options, their environment variables, and errors in one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.workloads.training.conftest import BUCKET, NAME, Platform
from workloads.data import tlc
from workloads.training import train as train_module
from workloads.training.__main__ import app
from workloads.training.errors import TrainingError

WORDS = ["train", "2023-01", "--validate", "2023-02", "--tracking-uri", "sqlite://", "--data-bucket", "x"]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The arguments of every training, none of which gets further."""
    made: list[dict[str, object]] = []

    def record(**arguments: object) -> None:
        made.append(arguments)
        raise TrainingError("not further")

    monkeypatch.setattr(train_module, "train", record)
    return made


def test_refuses_synthetic_months_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, object]]
) -> None:
    """An outage of TLC's site puts no model of synthetic trips in service; a folder of them is a choice."""
    monkeypatch.setattr(tlc, "reachable", lambda _: False)
    monkeypatch.setenv("MLOPS_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("MLOPS_DATA_DIR", raising=False)
    result = CliRunner().invoke(app, WORDS)
    assert (result.exit_code, calls) == (1, [])
    assert result.stderr.startswith("training: 2023-01, 2023-02: only synthetic trips can be had")
    CliRunner().invoke(app, [*WORDS, "--data", str(tmp_path / "synthetic")])
    assert len(calls) == 1


ENVIRONMENT = {"MODEL_NAME": NAME, "MODEL_ALIAS": "best", "CHALLENGER_ALIAS": "next"}
OPTIONS = ["--model-name", NAME, "--model-alias", "best", "--challenger-alias", "next"]


@pytest.mark.parametrize(("environment", "options"), [(ENVIRONMENT, []), ({}, OPTIONS)])
def test_model_and_aliases(platform: Platform, environment: dict[str, str], options: list[str]) -> None:
    """A version goes where the function, whose variables have the same names, looks for it."""
    words = ["train", "2023-01", "--validate", "2023-02", *options]
    runner = CliRunner(env={"MLFLOW_TRACKING_URI": platform.uri, "DATA_BUCKET": BUCKET, **environment})
    assert runner.invoke(app, words).exit_code == 0
    assert platform.versions("best") == ("1", "1")
    assert runner.invoke(app, [*words, "--as-challenger"]).exit_code == 0
    assert (platform.versions("next"), platform.versions("best")) == (("2", "2"), ("1", "1"))


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["train", "2023-02", "--validate", "2023-01"], 2, "--validate: got 2023-01, allowed: a month after"),
        (["train", "2015-01", "--validate", "2016-01"], 2, "allowed: YYYY-MM from 2016-07 on"),
        ([*WORDS[:4], "--as-challenger"], 2, "--as-challenger: no alias is set for a challenger"),
        ([*WORDS[:4], "--model-name", "a/b"], 2, "MODEL_NAME, --model-name: got 'a/b', allowed: letters"),
    ],
)
def test_wrong_options(monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, text: str) -> None:
    monkeypatch.delenv("CHALLENGER_ALIAS", raising=False)
    result = CliRunner().invoke(app, [*words, "--tracking-uri", "sqlite://", "--data-bucket", "x"])
    assert result.exit_code == code
    assert result.stderr.startswith("training: ")
    assert text in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
