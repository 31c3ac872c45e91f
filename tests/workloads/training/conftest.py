"""A model fitted on a small training set, and a platform to train on: MLflow in a folder, S3 in memory."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import mlflow
import pandas as pd
import pytest
from mlflow.entities import Run
from moto import mock_aws

from tests.workloads.conftest import Month
from workloads.drift import calibration
from workloads.training import model as model_module
from workloads.training import registry
from workloads.training.bundle import Bundle, pack
from workloads.training.model import PARAMETERS, Model, Score, fit
from workloads.training.publish import DataBucket
from workloads.training.registered import RegisteredModel
from workloads.training.train import Job, Trained, train

BUCKET = "data"
NAME = "test_rides"
FILES = ("model.ubj", "reference.parquet", "reference.json", "manifest.json")  # in the order of writing


@pytest.fixture(scope="session")
def fitted(train_set: pd.DataFrame) -> Model:
    """A model of the small training set."""
    return fit(train_set)


@pytest.fixture(scope="session")
def packed(fitted: Model, train_set: pd.DataFrame) -> Bundle:
    """Its bundle, as version 1."""
    return pack(
        fitted,
        train_set,
        score=Score(rmse=4.0, mae=3.0),
        months=("2023-01", "2023-02"),
        data_source="tlc",
        name=NAME,
        version="1",
        run_id="a",
    )


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow store: making its tables takes longer than all that a test does with them."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


class Platform:
    """MLflow and S3, with one registered model."""

    def __init__(self, folder: Path, sample: Month, store: Path) -> None:
        self.uri = f"sqlite:///{shutil.copy(store, folder / 'mlflow.db')}"
        self.s3 = boto3.client("s3", region_name="us-east-1")
        self.s3.create_bucket(Bucket=BUCKET)
        self.job = Job(
            months=("2023-01", "2023-02"),
            files=(sample("2023-01"), sample("2023-02")),
            data_source="tlc",
            allow_synthetic=False,
            registered=RegisteredModel(name=NAME, alias="current", challenger_alias="shadow"),
            as_challenger=False,
        )

    def train(self, **changes: Any) -> Trained:
        """One training, of a job with some fields changed."""
        return train(
            replace(self.job, **changes),
            tracking_uri=self.uri,
            bucket=DataBucket(BUCKET),
            progress=lambda _round, _rmse: None,
        )

    def objects(self) -> set[str]:
        """The keys of the bucket's objects."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {each["Key"] for each in found}

    def document(self, key: str) -> dict[str, Any]:
        """An object's JSON."""
        body: dict[str, Any] = json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        return body

    def run(self) -> Run:
        """The latest run in MLflow."""
        client = mlflow.MlflowClient(self.uri)
        experiment = client.get_experiment_by_name(registry.EXPERIMENT)
        assert experiment
        return client.search_runs([experiment.experiment_id], order_by=["start_time DESC"])[0]

    def decision(self) -> dict[str, Any]:
        """The decision that the latest run logged."""
        uri = f"runs:/{self.run().info.run_id}/decision.json"
        found: dict[str, Any] = mlflow.artifacts.load_dict(uri)
        return found

    def versions(self, alias: str = "current") -> tuple[str, str]:
        """The version that has the alias in MLflow, and the one that the predictor serves."""
        registered = mlflow.MlflowClient().get_model_version_by_alias(NAME, alias).version
        return str(registered), str(self.document(f"models/{NAME}/{alias}.json")["version"])


@pytest.fixture
def platform(
    tmp_path: Path,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    sample: Month,
) -> Iterator[Platform]:
    """A platform on which trainings are small and quick."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 15)
    monkeypatch.setattr(registry, "log_plots", lambda *_: None)
    monkeypatch.setattr(calibration, "DRAWS", 30)
    with mock_aws():
        yield Platform(tmp_path, sample, store)


@pytest.fixture
def train_worse(platform: Platform) -> Callable[[], Trained]:
    """Trains a model with a higher RMSE than `platform.train()`, and a lower one than linear regression."""
    return lambda: platform.train(parameters={**PARAMETERS, "max_leaves": 16})
