"""MLflow: runs, registered versions and their aliases."""

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from numpy.typing import NDArray
from requests import RequestException

from workloads.data.quality import Rides
from workloads.training.bootstrap import Gain
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError
from workloads.training.features import matrix
from workloads.training.model import Model, Score
from workloads.training.promotion import Decision

EXPERIMENT = "ride-duration"
# MLflow raises requests' own error when its server fails on an artifact.
_ERRORS = (MlflowException, RequestException)
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
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, *_ERRORS) as error:
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
    except _ERRORS as error:
        raise TrainingError(
            f"MLflow at {mlflow.get_tracking_uri()} refused: {error}; its log says more, and whether it may "
            "write its artifacts"
        ) from error


def register(name: str, model: Model, train_set: pd.DataFrame, data_source: str) -> str:
    """Logs the model to the current run and registers it under `name`; gives the version."""
    columns = [feature["name"] for feature in model.features]
    example = pd.DataFrame(matrix(train_set.head(5), model.features, model.zones), columns=columns)
    info = mlflow.xgboost.log_model(
        model.booster,
        name="model",
        model_format="ubj",
        signature=infer_signature(example, model.predict(train_set.head(5))),
        registered_model_name=name,
        await_registration_for=60,
        # Without a list MLflow loads the model once more in another process to find the same out.
        pip_requirements=[f"mlflow=={mlflow.__version__}", "xgboost-cpu"],
    )
    version = str(info.registered_model_version)
    mlflow.MlflowClient().set_model_version_tag(name, version, "data_source", data_source)
    return version


def log_bundle(bundle: Bundle) -> None:
    """Logs the bundle to the current run, from where it can be measured and published again."""
    with tempfile.TemporaryDirectory() as folder:
        for file, body in bundle.files().items():
            Path(folder, file).write_bytes(body)
        mlflow.log_artifacts(folder, "bundle")


def load_bundle(name: str, alias: str) -> Bundle | None:
    """The bundle of the version that has the alias, None when no version has it."""
    version = version_of(name, alias)
    return load_version(name, version) if version else None


def version_of(name: str, alias: str) -> str:
    """The version that has the alias, empty when none has."""
    try:
        return str(mlflow.MlflowClient().get_model_version_by_alias(name, alias).version)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return ""
        raise


def load_version(name: str, version: str) -> Bundle:
    """The bundle of a version.

    Raises:
        TrainingError: there is no such version, or its run holds no bundle.
    """
    try:
        run_id = mlflow.MlflowClient().get_model_version(name, version).run_id
        return _download(f"runs:/{run_id}/bundle")
    except (MlflowException, OSError, KeyError) as error:
        raise TrainingError(
            f"{name}: version {version} cannot be had from MLflow with its bundle ({error}); choose a "
            "version that this project trained"
        ) from error


def _download(address: str) -> Bundle:
    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=folder)
        return Bundle.of({path.name: path.read_bytes() for path in Path(folder, "bundle").iterdir()})


def set_alias(name: str, alias: str, version: str) -> None:
    """Gives the alias to a version; the one that had it loses it."""
    mlflow.MlflowClient().set_registered_model_alias(name, alias, version)


def log_data(months: Sequence[Rides], data_source: str) -> None:
    """Logs what the training and the validation month hold: rides, days, and rejected trips by reason."""
    mlflow.set_tag("data_source", data_source)
    for role, rides in zip(("train", "valid"), months, strict=True):
        mlflow.log_param(f"{role}_month", rides.month)
        counts = {f"rejected_{reason}": float(count) for reason, count in rides.rejected.items()}
        figures = {"rides": float(len(rides.frame)), "days": float(rides.days), **counts}
        mlflow.log_metrics({f"{role}_{name}": value for name, value in figures.items()})


def log_scores(model: Model, candidate: Score, baseline: Score) -> None:
    """Logs how the model was fitted, and its errors beside those of linear regression."""
    mlflow.log_params({**model.parameters, "rounds": model.rounds})
    scores = {f"valid_{name}": value for name, value in asdict(candidate).items()}
    linear = {f"linear_valid_{name}": value for name, value in asdict(baseline).items()}
    fitting = {"early_stopping_rmse": model.early_stopping_rmse, "train_seconds": model.seconds}
    mlflow.log_metrics({**scores, **linear, **fitting})


def log_current(score: Score, gain: Gain) -> None:
    """Logs the errors of the current model on the validation set, and the candidate's gain on it."""
    mlflow.log_metrics({f"current_valid_{name}": value for name, value in asdict(score).items()})
    mlflow.log_metrics({"gain_on_current": gain.minutes, "gain_on_current_low": gain.low})


def log_decision(decision: Decision) -> None:
    """Logs whether the version may be published, with every check's figure."""
    mlflow.set_tags({"decision": "publish" if decision.passed else "refuse", "alias": decision.alias})
    if not decision.passed:
        mlflow.set_tag("refused_for", decision.failed())
    mlflow.log_dict(decision.document(), "decision.json")


def log_plots(minutes: NDArray[np.float64], predicted: NDArray[np.float32], model: Model) -> None:
    """Logs plots of the features' importance and of the errors to the current run."""
    from workloads.training import plots

    mlflow.log_figure(plots.importance(model), "importance.png")
    mlflow.log_figure(plots.residuals(minutes, predicted), "residuals.png")
