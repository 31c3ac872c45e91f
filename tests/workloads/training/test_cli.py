"""`python -m workloads.training`: options, their environment variables, and errors in one line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.workloads.conftest import Month
from tests.workloads.training.conftest import BUCKET, NAME, Platform
from workloads.data import synthetic, tlc
from workloads.training.__main__ import app

MONTHS = ["2023-01", "2023-02"]
WORDS = ["train", MONTHS[0], "--validate", MONTHS[1]]
# Nothing of the shell that runs the tests, and no trip data but what a test gives.
NOTHING = dict.fromkeys(
    ["DATA_BUCKET", "MLOPS_DATA_DIR", "MODEL_NAME", "MODEL_ALIAS", "CHALLENGER_ALIAS"], ""
)


@pytest.fixture
def runner(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs the command on the platform; TLC's site does not answer."""
    monkeypatch.setattr(tlc, "reachable", lambda _: False)
    own = {"MLFLOW_TRACKING_URI": platform.uri, "DATA_BUCKET": BUCKET, "MLOPS_CACHE_DIR": str(tmp_path)}
    return CliRunner(env={**NOTHING, **own})


def test_synthetic_months_unasked(runner: CliRunner, platform: Platform, tmp_path: Path) -> None:
    """Neither an outage of TLC's site nor a folder puts a model of synthetic trips in service."""
    for name in MONTHS:
        synthetic.generate(tmp_path / "folder", name)
    outage, folder = (runner.invoke(app, [*WORDS, *more]) for more in ([], ["--data", f"{tmp_path}/folder"]))
    for result in (outage, folder):
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert outage.stderr.startswith(f"training: 2023-01, 2023-02: not in s3://{BUCKET}/raw/green/, MLOPS")
    assert "green_tripdata_2023-01.parquet: synthetic trips; give TLC's own file" in folder.stderr
    assert platform.objects() == set()


@pytest.mark.parametrize("dataset", ["green", "yellow"])
def test_synthetic_months_asked_for(runner: CliRunner, platform: Platform, dataset: str) -> None:
    """The source stands in the output, in MLflow and in the manifest, and each month's data set with it."""
    result = runner.invoke(app, [*WORDS, "--allow-synthetic", "--dataset", dataset, "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["data_source"], answer["published"]) == ("synthetic", True)
    assert "version 1, synthetic trips" in result.stderr
    assert platform.run().data.tags["data_source"] == "synthetic"
    key = "models/ride_duration_prediction_model/versions/1/manifest.json"
    manifest = platform.document(key)
    assert manifest["data_source"] == "synthetic"
    assert {each["dataset"] for each in manifest["sources"].values()} == {dataset}


def test_months_of_the_bucket(runner: CliRunner, platform: Platform, sample: Month) -> None:
    """A container that cannot reach TLC's site trains on what lies in the data bucket."""
    for name in MONTHS:
        platform.s3.upload_file(str(sample(name)), BUCKET, f"raw/green/{name}.parquet")
    result = runner.invoke(app, [*WORDS, "--allow-synthetic", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["train_rows"] < synthetic.ROWS / 5


def test_prints_every_check(runner: CliRunner, sample: Month) -> None:
    words = [*WORDS, "--data", str(sample(MONTHS[0]).parent), "--allow-synthetic"]
    sample(MONTHS[1])
    for published in (True, False):
        result = runner.invoke(app, words)
        lines = result.stderr.splitlines()
        assert result.exit_code == 0
        assert [line for line in lines if line.startswith("FAILED")] == [
            line for line in lines if not published and "RMSE against the current model" in line
        ]
        assert sum(line.startswith("passed") for line in lines) == 14 + (not published)
        assert lines[-1].startswith("champion: version 1")


ENVIRONMENT = {"MODEL_NAME": NAME, "MODEL_ALIAS": "best", "CHALLENGER_ALIAS": "next"}
OPTIONS = ["--model-name", NAME, "--model-alias", "best", "--challenger-alias", "next"]


@pytest.mark.parametrize(
    ("environment", "options", "first", "second"),
    [
        (ENVIRONMENT, [], [], ["--as-challenger"]),
        ({}, OPTIONS, ["--challenger-first"], ["--challenger-first"]),
    ],
    ids=["environment", "options"],
)
def test_model_and_aliases(
    runner: CliRunner,
    platform: Platform,
    sample: Month,
    environment: dict[str, str],
    options: list[str],
    first: list[str],
    second: list[str],
) -> None:
    """A version goes where the function, whose variables have the same names, looks for it.

    With --challenger-first the very first one is served at once: there is nothing to compare it with.
    """
    folders = {str(sample(name).parent) for name in MONTHS}
    words = [*WORDS, *options, "--allow-synthetic", "--data", *folders]
    assert runner.invoke(app, [*words, *first], env=environment).exit_code == 0
    assert platform.versions("best") == ("1", "1")
    assert runner.invoke(app, [*words, *second], env=environment).exit_code == 0
    assert (platform.versions("next"), platform.versions("best")) == (("2", "2"), ("1", "1"))


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["train", "2023-02", "--validate", "2023-01"], 2, "--validate: got 2023-01, allowed: a month after"),
        (["train", "2015-01", "--validate", "2016-01"], 2, "allowed: YYYY-MM from 2016-07 on"),
        ([*WORDS, "--as-challenger"], 2, "--as-challenger: no alias is set for a challenger"),
        ([*WORDS, "--model-name", "a/b"], 2, "MODEL_NAME, --model-name: got 'a/b', allowed: letters"),
        ([*WORDS, "--data", "nowhere"], 1, "--data: nowhere/green_tripdata_2023-01.parquet does not exist"),
    ],
)
def test_wrong_options(runner: CliRunner, words: list[str], code: int, text: str) -> None:
    result = runner.invoke(app, words)
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
    assert result.stderr.startswith("training: ")
    assert text in result.stderr
