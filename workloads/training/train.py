"""One training: fit, validate, register, and publish the version under its alias if it is better."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.trips import rides
from workloads.training import registry
from workloads.training.baseline import linear
from workloads.training.bundle import Bundle, pack
from workloads.training.errors import TrainingError
from workloads.training.model import PARAMETERS, Model, Score, fit, score
from workloads.training.publish import DataBucket
from workloads.training.registered import RegisteredModel

FEATURES_FILE = "workloads/training/features.py"


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came of a training: errors in minutes on the validation month."""

    version: str
    train_rows: int
    train_seconds: float
    rounds: int
    valid_rmse: float
    valid_mae: float
    linear_valid_rmse: float
    alias: str  # the one that was asked for: the current model's or the challenger's
    alias_version: str  # the version that has it now
    alias_rmse: float

    @property
    def published(self) -> bool:
        """Whether this version has the alias now."""
        return self.version == self.alias_version


def train(
    *,
    train_file: Path,
    valid_file: Path,
    train_month: str,
    valid_month: str,
    tracking_uri: str,
    bucket: DataBucket,
    progress: Callable[[int, float], None],
    registered: RegisteredModel,
    as_challenger: bool,
) -> Trained:
    """Trains and registers a version, and publishes it under its alias.

    A challenger takes its alias at once, because it only shadows the current model; the current model's alias
    moves to a version with a lower RMSE only.

    Raises:
        workloads.data.months.DataError: a month's file cannot be used.
        TrainingError: MLflow or S3 cannot be used; no alias was moved.
    """
    alias = registered.target_alias(as_challenger=as_challenger)
    bucket.check()
    registry.connect(tracking_uri)
    train_set, validation_set = rides(train_file), rides(valid_file)
    minutes = validation_set["minutes"].to_numpy(np.float64)
    with registry.run(f"{train_month} on {valid_month}") as run_id:
        model = fit(train_set, progress)
        predicted = model.predict(validation_set)
        candidate_score = score(minutes, predicted)
        linear_score = score(minutes, linear(train_set, validation_set))
        _log_metrics(model, candidate_score, linear_score, train_month, valid_month)
        registry.log_plots(minutes, predicted, model)
        version = registry.register(registered.name, model, train_set)
        bundle = pack(
            model, train_set, score=candidate_score, train_month=train_month, valid_month=valid_month,
            name=registered.name, version=version, run_id=run_id,
        )  # fmt: skip
        registry.log_bundle(bundle)
        bucket.upload(bundle)
        best, best_score = bundle, candidate_score
        if not as_challenger:
            best, best_score = _better(bundle, candidate_score, alias, validation_set, minutes)
        _publish(best, alias, bucket)
    return Trained(
        version=version,
        train_rows=len(train_set),
        train_seconds=round(model.seconds, 2),
        rounds=model.rounds,
        valid_rmse=candidate_score.rmse,
        valid_mae=candidate_score.mae,
        linear_valid_rmse=linear_score.rmse,
        alias=alias,
        alias_version=best.version,
        alias_rmse=best_score.rmse,
    )


def _log_metrics(
    model: Model, candidate: Score, linear_baseline: Score, train_month: str, valid_month: str
) -> None:
    mlflow.log_params(
        {**PARAMETERS, "rounds": model.rounds, "train_month": train_month, "valid_month": valid_month}
    )
    errors = {f"valid_{name}": value for name, value in asdict(candidate).items()}
    baseline = {f"linear_valid_{name}": value for name, value in asdict(linear_baseline).items()}
    seconds = {"early_stopping_rmse": model.early_stopping_rmse, "train_seconds": model.seconds}
    mlflow.log_metrics({**errors, **baseline, **seconds})


def _better(
    candidate: Bundle,
    candidate_score: Score,
    alias: str,
    validation_set: pd.DataFrame,
    minutes: NDArray[np.float64],
) -> tuple[Bundle, Score]:
    """The better one of the candidate and the version that has the alias, measured on the same rides."""
    current = registry.load_bundle(candidate.name, alias)
    if current is None:
        return candidate, candidate_score
    try:
        current_score = score(minutes, current.predict(validation_set))
    except KeyError as error:
        raise TrainingError(
            f"{alias}: version {current.version} takes the feature {error}, which {FEATURES_FILE} lacks; "
            "add it there, or delete the alias in MLflow and train again"
        ) from error
    mlflow.log_metric("current_valid_rmse", current_score.rmse)
    return (
        (candidate, candidate_score)
        if candidate_score.rmse < current_score.rmse
        else (current, current_score)
    )


def _publish(bundle: Bundle, alias: str, bucket: DataBucket) -> None:
    """Moves the alias and the pointer; repairs a bundle or a pointer that a killed run left incomplete."""
    registry.set_alias(bundle.name, alias, bundle.version)
    expected = bundle.pointer(alias)
    found = bucket.pointer(bundle.name, alias)
    if any(found.get(key) != expected[key] for key in ("version", "model_sha256", "manifest_sha256")):
        bucket.upload(bundle)
        bucket.point(alias, bundle)
