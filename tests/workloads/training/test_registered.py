"""The names that MLflow, S3 keys and IAM allow, held against MLflow's own check of them."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from workloads.training.errors import SettingError
from workloads.training.registered import RegisteredModel


def test_defaults() -> None:
    assert RegisteredModel() == RegisteredModel(name="ride_duration_prediction_model", alias="champion")


@pytest.mark.parametrize("name", ["a/b", "a:b", "*", "", " ", ".", "..", "a b", "é", "x" * 129])
def test_refuses_names(name: str) -> None:
    with pytest.raises(SettingError, match=r"MODEL_NAME, --model-name: got .* allowed: letters"):
        RegisteredModel(name=name)


@pytest.fixture(scope="module")
def registry(store: Path, tmp_path_factory: pytest.TempPathFactory) -> MlflowClient:
    """MLflow's registry with version 1 of the model `m`."""
    path = shutil.copy(store, tmp_path_factory.mktemp("registry"))
    found = MlflowClient(f"sqlite:///{path}")
    found.create_registered_model("m")
    found.create_model_version("m", "file:///nowhere")
    return found


@pytest.mark.parametrize("alias", ["champion", "v1a", "a-b_c", "LATEST1", "x" * 255])
def test_accepts_aliases(registry: MlflowClient, alias: str) -> None:
    registry.set_registered_model_alias("m", RegisteredModel(alias=alias).alias, "1")


@pytest.mark.parametrize("alias", ["latest", "Latest", "v1", "V12", "a b", "a/b", "*", "", "x" * 256])
def test_refuses_aliases(registry: MlflowClient, alias: str) -> None:
    with pytest.raises(MlflowException):
        registry.set_registered_model_alias("m", alias, "1")
    with pytest.raises(SettingError, match=r"MODEL_ALIAS, --model-alias: got .* allowed: "):
        RegisteredModel(alias=alias)


def test_refuses_one_alias_for_both() -> None:
    with pytest.raises(SettingError, match="CHALLENGER_ALIAS, --challenger-alias: got 'champion'"):
        RegisteredModel(challenger_alias="champion")


def test_challenger_needs_an_alias() -> None:
    with pytest.raises(SettingError, match="--as-challenger: no alias is set"):
        RegisteredModel().target_alias(as_challenger=True)
    assert RegisteredModel(challenger_alias="shadow").target_alias(as_challenger=True) == "shadow"
