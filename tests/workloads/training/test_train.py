"""What becomes of a training: which version gets which alias, and what is written where."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from botocore.client import BaseClient
from requests import HTTPError

from tests.workloads.training.conftest import BUCKET, FILES, NAME, Platform
from tests.workloads.training.cut import cut_after
from workloads.data.quality import rides
from workloads.training import audit, registry
from workloads.training import train as train_module
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError
from workloads.training.features import matrix
from workloads.training.model import PARAMETERS, Model, fit
from workloads.training.publish import DataBucket
from workloads.training.train import Trained

POINTER = f"models/{NAME}/current.json"
TrainWorse = Callable[[], Trained]


def test_first_version_is_published(platform: Platform) -> None:
    trained = platform.train()
    assert (trained.version, trained.published) == ("1", True)
    assert platform.versions() == ("1", "1")
    folder = f"models/{NAME}/versions/1"
    assert platform.objects() == {*(f"{folder}/{file}" for file in FILES), POINTER}
    run = platform.run()
    assert run.info.run_id == mlflow.MlflowClient().get_model_version(NAME, "1").run_id
    assert run.data.metrics["valid_rmse"] == trained.valid_rmse
    assert run.data.params["nthread"] == "1"
    names = {each.path for each in mlflow.MlflowClient().list_artifacts(run.info.run_id)}
    assert names == {"bundle", "decision.json"}
    sources = platform.document(f"{folder}/manifest.json")["sources"]
    assert list(sources) == ["2023-01", "2023-02"]
    digest = hashlib.sha256(platform.job.files[1].read_bytes()).hexdigest()
    assert sources["2023-02"] == {"dataset": "green", "sha256": digest}


def test_logs_the_parameters_that_it_was_given(platform: Platform) -> None:
    platform.train(parameters={**PARAMETERS, "max_leaves": 16})
    assert platform.run().data.params["max_leaves"] == "16"


def test_logs_plots(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, fitted: Model, validation_set: pd.DataFrame
) -> None:
    monkeypatch.chdir(tmp_path)
    registry.connect(f"sqlite:///{shutil.copy(store, tmp_path)}")
    with registry.run("plots") as run_id:
        registry.log_plots(validation_set.minutes.to_numpy(), fitted.predict(validation_set), fitted)
    names = {each.path for each in mlflow.MlflowClient().list_artifacts(run_id)}
    assert names == {"importance.png", "residuals.png"}


def test_mlflow_serves_the_same_predictions(platform: Platform) -> None:
    platform.train()
    manifest = platform.document(f"models/{NAME}/versions/1/manifest.json")
    rides = pd.DataFrame([event["ride"] for event in manifest["smoke"]["events"]])
    rides["lpep_pickup_datetime"] = pd.to_datetime(rides["lpep_pickup_datetime"], format="ISO8601")
    names = [feature["name"] for feature in manifest["features"]]
    rows = pd.DataFrame(matrix(rides, manifest["features"], manifest["zones"]), columns=names)
    served = mlflow.pyfunc.load_model(f"models:/{NAME}@current")
    assert served.predict(rows).astype(float).tolist() == manifest["smoke"]["predictions"]


def test_worse_version_is_not_published(platform: Platform, train_worse: TrainWorse) -> None:
    first, second = platform.train(), train_worse()
    assert (second.version, second.published, second.alias_version) == ("2", False, "1")
    (check,) = [each for each in platform.decision()["checks"] if not each["passed"]]
    assert check["name"] == "RMSE against the current model"
    assert check["required"] == "above 0.0000"
    assert platform.run().data.metrics["current_valid_rmse"] == pytest.approx(first.valid_rmse)
    assert platform.versions() == ("1", "1")
    assert f"models/{NAME}/versions/2/model.ubj" in platform.objects()


def test_better_version_is_published(platform: Platform, train_worse: TrainWorse) -> None:
    train_worse()
    assert platform.train().published
    assert platform.versions() == ("2", "2")


def test_challenger_leaves_the_current_model(platform: Platform) -> None:
    platform.train()
    challenger = platform.train(as_challenger=True)
    assert (challenger.version, challenger.decision.alias, challenger.published) == ("2", "shadow", True)
    assert platform.versions("shadow") == ("2", "2")
    assert platform.versions() == ("1", "1")


def test_challenger_needs_no_current_model(platform: Platform) -> None:
    platform.train(as_challenger=True)
    assert platform.versions("shadow") == ("1", "1")
    assert POINTER not in platform.objects()


@pytest.mark.parametrize("body", [None, b'{"schema": 1, "na', b"[1]"])
def test_repairs_the_pointer(platform: Platform, body: bytes | None) -> None:
    """A run that was killed, or anybody else, may leave no pointer or a damaged one behind."""
    platform.train()
    platform.s3.delete_object(Bucket=BUCKET, Key=POINTER)
    if body is not None:
        platform.s3.put_object(Bucket=BUCKET, Key=POINTER, Body=body)
    second = platform.train()
    assert not second.published, "an equal model is not better"
    assert platform.versions() == ("1", "1")


def test_pointer_is_written_last(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The predictor never finds a pointer to a bundle that is not there yet."""
    written: list[str] = []
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def record(self: BaseClient, operation: str, parameters: dict[str, str]) -> object:
        if operation == "PutObject":
            written.append(parameters["Key"].rpartition("/")[2])
        return call(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", record)
    platform.train()
    assert written[:4] == list(FILES)
    assert written[-1] == "current.json"


@pytest.mark.parametrize("step", ["register", "log_bundle", "upload", "begin", "set_alias", "point"])
def test_cut_off_anywhere(platform: Platform, step: str) -> None:
    """Done again, the same model is served as after one training, and nothing is left begun on record."""
    owner: Any = {"begin": audit, "upload": DataBucket, "point": DataBucket}.get(step, registry)
    with cut_after(owner, step), pytest.raises(KeyboardInterrupt):
        platform.train()
    platform.train()
    registered, served = platform.versions()
    assert registered == served
    again = fit(rides(platform.job.files[0], platform.job.months[0]).frame)
    digest = hashlib.sha256(again.booster.save_raw("ubj")).hexdigest()
    assert platform.document(POINTER)["model_sha256"] == digest
    assert audit.pending(NAME, "current") is None
    assert audit.previous(NAME, "current", served) == ""


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test when a model is fitted."""
    monkeypatch.setattr(train_module, "fit", lambda *_: pytest.fail("a model was fitted"))


@pytest.mark.usefixtures("no_fit")
def test_checks_the_bucket_first(platform: Platform) -> None:
    platform.s3.delete_bucket(Bucket=BUCKET)
    with pytest.raises(TrainingError, match="--data-bucket: got 'data', which cannot be used"):
        platform.train()


@pytest.mark.usefixtures("no_fit")
def test_checks_mlflow_first(platform: Platform) -> None:
    platform.uri = "http://127.0.0.1:9"
    with pytest.raises(TrainingError, match=r"--tracking-uri: got 'http://127.0.0.1:9'"):
        platform.train()


def test_artifact_storage_that_fails(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise HTTPError("500 Server Error: AccessDenied on PutObject")

    monkeypatch.setattr(mlflow, "log_artifacts", refuse)
    with pytest.raises(TrainingError, match=r"MLflow at sqlite:.* refused: 500 .*whether it may write"):
        platform.train()
    assert not platform.objects(), "nothing is published that MLflow does not have"


def test_current_model_with_another_feature(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.train()
    current = registry.load_bundle(NAME, "current")
    assert current
    manifest = current.manifest.replace(b'"pickup_weekday"', b'"moon_phase"')
    changed = Bundle(model=current.model, manifest=manifest)
    monkeypatch.setattr(registry, "load_bundle", lambda *_: changed)
    with pytest.raises(
        TrainingError, match=r"version 1, the current one, takes the feature 'moon_phase', which .* lacks"
    ):
        platform.train()
    assert platform.versions() == ("1", "1")


def test_wrong_aws_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(TrainingError, match=r"nobody.*; check AWS_PROFILE"):
        DataBucket(BUCKET)
