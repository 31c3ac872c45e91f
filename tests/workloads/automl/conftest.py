"""A data bucket in memory with a month, MLflow in a folder, and objectives that take no time."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import mlflow
import pytest
from moto import mock_aws

from tests.workloads.conftest import Month
from workloads.training import model as model_module
from workloads.training import registry

BUCKET = "data"
MONTHS = ("2023-01", "2023-02")


@dataclass(frozen=True)
class Account:
    """The bucket by boto3's client, and MLflow's address."""

    s3: Any
    tracking_uri: str

    def keys(self, prefix: str = "") -> list[str]:
        """The keys that begin with `prefix`."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [each["Key"] for each in found]

    def body(self, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body


@pytest.fixture(scope="session")
def mlflow_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow store: making its tables takes longer than all that a test does with them."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def account(
    tmp_path: Path, mlflow_store: Path, sample: Month, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    """An account in which trainings are small and quick."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 12)
    monkeypatch.setattr(registry, "log_plots", lambda *_: None)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for month in MONTHS:
            s3.upload_file(str(sample(month)), BUCKET, f"raw/green/{month}.parquet")
        yield Account(s3, f"sqlite:///{shutil.copy(mlflow_store, tmp_path / 'mlflow.db')}")
