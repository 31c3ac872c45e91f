"""One training: fit, measure, register, and put in service what beats the version in service."""

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
from workloads.training.model import PARAMETERS, Score, fit, score
from workloads.training.publish import DataBucket

CHAMPION = "champion"
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
    champion_version: str
    champion_rmse: float

    @property
    def promoted(self) -> bool:
        """Whether this version is the one in service now."""
        return self.version == self.champion_version


def train(
    *,
    train_file: Path,
    valid_file: Path,
    train_month: str,
    valid_month: str,
    tracking_uri: str,
    bucket: DataBucket,
    progress: Callable[[int, float], None],
) -> Trained:
    """Trains a version and keeps it; the alias moves only to a version with a lower error.

    Raises:
        workloads.data.months.DataError: a month's file cannot be used.
        TrainingError: MLflow or S3 cannot be used; nothing was put in service.
    """
    bucket.check()
    registry.connect(tracking_uri)
    known, unseen = rides(train_file), rides(valid_file)
    minutes = unseen["minutes"].to_numpy(np.float64)
    with registry.run(f"{train_month} on {valid_month}") as run_id:
        model = fit(known, progress)
        predicted = model.predict(unseen)
        own = score(minutes, predicted)
        plain = score(minutes, linear(known, unseen))
        _log_figures(model.rounds, model.held_back_rmse, model.seconds, own, plain, train_month, valid_month)
        registry.log_errors(minutes, predicted, model)
        version = registry.register(model, known)
        bundle = pack(
            model, known, score=own, train_month=train_month, valid_month=valid_month,
            registered=version, run_id=run_id,
        )  # fmt: skip
        registry.keep(bundle)
        bucket.upload(bundle)
        best, best_score = _champion(bundle, own, unseen, minutes)
        _put_in_service(best, bucket)
    return Trained(
        version=version,
        train_rows=len(known),
        train_seconds=round(model.seconds, 2),
        rounds=model.rounds,
        valid_rmse=own.rmse,
        valid_mae=own.mae,
        linear_valid_rmse=plain.rmse,
        champion_version=best.version,
        champion_rmse=best_score.rmse,
    )


def _log_figures(
    rounds: int,
    held_back: float,
    seconds: float,
    own: Score,
    plain: Score,
    train_month: str,
    valid_month: str,
) -> None:
    mlflow.log_params(
        {**PARAMETERS, "rounds": rounds, "train_month": train_month, "valid_month": valid_month}
    )
    measured = {f"valid_{name}": value for name, value in asdict(own).items()}
    baseline = {f"linear_valid_{name}": value for name, value in asdict(plain).items()}
    mlflow.log_metrics({**measured, **baseline, "held_back_rmse": held_back, "train_seconds": seconds})


def _champion(
    bundle: Bundle, own: Score, unseen: pd.DataFrame, minutes: NDArray[np.float64]
) -> tuple[Bundle, Score]:
    """The better one of this version and the version in service, measured on the same rides."""
    current = registry.champion(CHAMPION)
    if current is None:
        return bundle, own
    try:
        theirs = score(minutes, current.predict(unseen))
    except KeyError as error:
        raise TrainingError(
            f"{CHAMPION}: version {current.version} takes the feature {error}, which {FEATURES_FILE} lacks; "
            "add it there, or take the alias away in MLflow and train again"
        ) from error
    mlflow.log_metric("champion_valid_rmse", theirs.rmse)
    return (bundle, own) if own.rmse < theirs.rmse else (current, theirs)


def _put_in_service(best: Bundle, bucket: DataBucket) -> None:
    """Moves the alias and the pointer; what a run that was killed left undone is done here, too."""
    registry.promote(CHAMPION, best.version)
    expected = best.pointer(CHAMPION)
    found = bucket.pointed(CHAMPION)
    if any(found.get(key) != expected[key] for key in ("version", "model_sha256", "manifest_sha256")):
        bucket.upload(best)
        bucket.point(CHAMPION, best)
