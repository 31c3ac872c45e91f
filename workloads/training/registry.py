"""MLflow: runs, registered versions, and the alias of the one in service."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from numpy.typing import NDArray
from requests import RequestException

from workloads.training.bundle import MODEL_NAME, Bundle
from workloads.training.errors import TrainingError
from workloads.training.features import matrix
from workloads.training.model import Model

EXPERIMENT = "ride-duration"
# A server that fails on an artifact passes its answer on as requests' own error.
_REFUSALS = (MlflowException, RequestException)
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # a program may read the output
logging.getLogger("mlflow").setLevel(logging.ERROR)


def connect(tracking_uri: str) -> None:
    """Chooses the server and the experiment.

    Raises:
        TrainingError: the server does not answer, or refuses.
    """
    mlflow.set_tracking_uri(tracking_uri)
    try:
        if tracking_uri.startswith("http"):
            httpx.get(f"{tracking_uri.rstrip('/')}/health", timeout=10).raise_for_status()
        mlflow.set_experiment(EXPERIMENT)
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, *_REFUSALS) as error:
        raise TrainingError(
            f"--tracking-uri: got {tracking_uri!r}, which cannot be used ({error}); give the stack output "
            "mlflow_url, and MLFLOW_TRACKING_USERNAME and _PASSWORD where it asks for them"
        ) from error


@contextmanager
def run(name: str) -> Iterator[str]:
    """A run, by its id; it is marked as failed when the block raises.

    Raises:
        TrainingError: MLflow refused something.
    """
    try:
        with mlflow.start_run(run_name=name) as started:
            yield started.info.run_id
    except _REFUSALS as error:
        raise TrainingError(
            f"MLflow at {mlflow.get_tracking_uri()} refused: {error}; its log says more, and whether it may "
            "write its artifacts"
        ) from error


def register(model: Model, train: pd.DataFrame) -> str:
    """Logs the model to the current run and registers it; gives the version."""
    names = [feature["name"] for feature in model.features]
    example = pd.DataFrame(matrix(train.head(5), model.features), columns=names)
    info = mlflow.xgboost.log_model(
        model.booster,
        name="model",
        model_format="ubj",
        signature=infer_signature(example, model.predict(train.head(5))),
        registered_model_name=MODEL_NAME,
        await_registration_for=60,
        # Without a list MLflow loads the model once more in another process to find the same out.
        pip_requirements=[f"mlflow=={mlflow.__version__}", "xgboost-cpu"],
    )
    return str(info.registered_model_version)


def keep(bundle: Bundle) -> None:
    """Keeps the bundle with the current run, so that a champion can be measured and published again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.ubj").write_bytes(bundle.model)
        Path(folder, "manifest.json").write_bytes(bundle.manifest)
        mlflow.log_artifacts(folder, "bundle")


def champion(alias: str) -> Bundle | None:
    """The bundle of the version in service, None when there is none yet."""
    client = mlflow.MlflowClient()
    try:
        version = client.get_model_version_by_alias(MODEL_NAME, alias)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(artifact_uri=f"runs:/{version.run_id}/bundle", dst_path=folder)
        found = Path(folder, "bundle")
        return Bundle(
            model=(found / "model.ubj").read_bytes(), manifest=(found / "manifest.json").read_bytes()
        )


def promote(alias: str, version: str) -> None:
    """Makes a version the one in service."""
    mlflow.MlflowClient().set_registered_model_alias(MODEL_NAME, alias, version)


def log_errors(minutes: NDArray[np.float64], predicted: NDArray[np.float32], model: Model) -> None:
    """Keeps the run's figures."""
    from workloads.training import plots

    mlflow.log_figure(plots.importance(model), "importance.png")
    mlflow.log_figure(plots.residuals(minutes, predicted), "residuals.png")
