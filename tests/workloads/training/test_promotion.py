"""What a version must pass before it is published, and that every decision is on record."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from mlflow import MlflowClient

from tests.workloads.conftest import Month
from tests.workloads.training.conftest import FILES, NAME, Platform
from workloads.data.months import DataError, file_name
from workloads.training import train as train_module
from workloads.training.errors import TrainingError
from workloads.training.train import Trained

TrainWorse = Callable[[], Trained]


def altered(source: Path, folder: Path, change: Callable[[Any], Any]) -> Path:
    """A copy of a month's file with other rows."""
    path = folder / source.name
    pq.write_table(change(pq.read_table(source)), path)
    return path


def one_day(table: Any) -> Any:
    return table.filter(pc.equal(pc.day(table["lpep_pickup_datetime"]), 10))


def infinite(table: Any) -> Any:
    """The distance of every second trip."""
    miles = table["trip_distance"].to_numpy().copy()
    miles[::2] = float("inf")
    place = table.schema.get_field_index("trip_distance")
    return table.set_column(place, "trip_distance", [miles])


@pytest.mark.parametrize("place", [0, 1], ids=["training", "validation"])
@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (lambda table: table.slice(0, 3), "rides of {month}"),
        (one_day, "days of {month} with 100 rides"),
        (infinite, "trips of {month} that were rejected"),
    ],
    ids=["three rows", "one day", "infinite distances"],
)
def test_refuses_data(
    platform: Platform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: int,
    change: Callable[[Any], Any],
    failed: str,
) -> None:
    """Nothing is trained or registered, and the run says why."""
    monkeypatch.setattr(train_module, "fit", lambda *_: pytest.fail("a model was fitted"))
    files = list(platform.job.files)
    files[place] = altered(files[place], tmp_path, change)
    name = failed.format(month=platform.job.months[place])
    with pytest.raises(TrainingError, match=f"{name}: got .*, required: .*; no model was trained"):
        platform.train(files=tuple(files))
    assert platform.objects() == set()
    run = platform.run()
    assert (run.info.status, run.data.tags["decision"]) == ("FAILED", "refuse")
    assert name in run.data.tags["refused_for"]
    found = {check["name"]: check["passed"] for check in platform.decision()["checks"]}
    assert found[name] is False


def test_refuses_another_month(platform: Platform, sample: Month) -> None:
    """The file of one month under the name of another."""
    with pytest.raises(TrainingError, match=r"trips outside 2023-03: got 100.00%, required: at most 1%"):
        platform.train(files=(platform.job.files[0],) * 2, months=("2023-01", "2023-03"))


def test_refuses_synthetic_data(platform: Platform) -> None:
    with pytest.raises(TrainingError, match="data source: got synthetic, required: tlc; no model"):
        platform.train(data_source="synthetic")
    assert platform.run().data.tags["data_source"] == "synthetic"


def test_synthetic_model_never_replaces_a_real_one(platform: Platform, train_worse: TrainWorse) -> None:
    """Not even when synthetic data were asked for, and the errors are lower."""
    train_worse()
    trained = platform.train(data_source="synthetic", allow_synthetic=True)
    assert not trained.published
    assert (
        trained.decision.failed() == "data source against the current model's: got synthetic, required: tlc"
    )
    assert platform.versions() == ("1", "1")


def test_real_model_replaces_a_synthetic_one(platform: Platform, train_worse: TrainWorse) -> None:
    real = platform.job
    platform.job = replace(real, data_source="synthetic", allow_synthetic=True)
    train_worse()
    assert platform.versions() == ("1", "1")
    platform.job = real
    assert platform.train().published


@pytest.mark.parametrize("as_challenger", [False, True])
def test_needs_to_beat_linear_regression(
    platform: Platform, train_worse: TrainWorse, monkeypatch: pytest.MonkeyPatch, as_challenger: bool
) -> None:
    """A first model or a challenger, too, which has no current model to beat."""
    monkeypatch.setattr(train_module, "linear", lambda _, rides: rides["minutes"].to_numpy())
    trained = platform.train(as_challenger=as_challenger)
    assert (trained.published, trained.alias_version) == (False, "")
    assert trained.decision.failed().startswith("RMSE against linear regression: got ")
    assert platform.objects() == {f"models/{NAME}/versions/1/{file}" for file in FILES}
    assert platform.run().data.tags["decision"] == "refuse"


def test_unreadable_month(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / file_name("2023-01")
    path.write_bytes(platform.job.files[0].read_bytes()[:50_000])
    with pytest.raises(DataError, match="is not a complete parquet file"):
        platform.train(files=(path, platform.job.files[1]))
    assert platform.objects() == set()


def test_decision_holds_every_figure(platform: Platform) -> None:
    trained = platform.train()
    decision = platform.decision()
    assert decision == trained.decision.document()
    assert (decision["alias"], decision["version"], decision["passed"]) == ("current", "1", True)
    assert [check["name"] for check in decision["checks"]] == [
        "data source",
        *(
            name.format(month=month)
            for month in ("2023-01", "2023-02")
            for name in (
                "rides of {month}",
                "days of {month} with 100 rides",
                "trips outside {month}",
                "trips of {month} that were rejected",
            )
        ),
        "RMSE against linear regression",
        "mean error of each borough, of its mean duration",
        "minutes more at 1.5 times the distance",
        "MiB of the model",
        "milliseconds for 100 rides",
    ]
    metrics = platform.run().data.metrics
    assert metrics["train_rides"] == trained.train_rows
    assert metrics["valid_days"] == 28
    assert metrics["train_rejected_too_long"] > 0
    assert MlflowClient(platform.uri).get_model_version(NAME, "1").tags == {"data_source": "tlc"}
