"""Growing trees with XGBoost: in this process here, elsewhere where `Grower` is met."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import xgboost

PATIENCE = 30
EARLY_STOPPING = "early_stopping"  # what XGBoost calls the errors on the last days

Parameters = Mapping[str, Any]
# A round's number, and the RMSE on the early stopping set: NaN where the trees grow on all days.
Progress = Callable[[int, float], None]


class Grower(Protocol):
    """Grows trees on the rides of a training, wherever they are."""

    def errors(self, parameters: Parameters, most_rounds: int, progress: Progress) -> list[float]:
        """The RMSE on the last days after each round on those before, until `PATIENCE` gain nothing."""

    def grow(self, parameters: Parameters, rounds: int, progress: Progress) -> xgboost.Booster:
        """The trees of so many rounds on all days."""


@dataclass(frozen=True, kw_only=True)
class OneProcess:
    """Grows trees in this process, on matrices that are made when they are needed; `late` takes `early`."""

    early: Callable[[], xgboost.DMatrix]
    late: Callable[[xgboost.DMatrix], xgboost.DMatrix]
    every: Callable[[], xgboost.DMatrix]

    def errors(self, parameters: Parameters, most_rounds: int, progress: Progress) -> list[float]:
        """See `Grower`."""
        early = self.early()
        return errors_of(early, self.late(early), parameters, most_rounds, progress)

    def grow(self, parameters: Parameters, rounds: int, progress: Progress) -> xgboost.Booster:
        """See `Grower`."""
        return xgboost.train(dict(parameters), self.every(), rounds, callbacks=[ReportProgress(progress)])


def errors_of(
    early: xgboost.DMatrix,
    late: xgboost.DMatrix,
    parameters: Parameters,
    most_rounds: int,
    progress: Progress,
) -> list[float]:
    """The RMSE on `late` after each round on `early`, until `PATIENCE` rounds gain nothing."""
    errors: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        dict(parameters),
        early,
        most_rounds,
        evals=[(late, EARLY_STOPPING)],
        evals_result=errors,
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
        callbacks=[ReportProgress(progress)],
    )
    return errors[EARLY_STOPPING]["rmse"]


class ReportProgress(xgboost.callback.TrainingCallback):
    """Tells of each round."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def after_iteration(
        self, model: xgboost.Booster, epoch: int, evals_log: dict[str, dict[str, Any]]
    ) -> bool:
        """Called by XGBoost; False lets it go on."""
        del model
        self._progress(epoch + 1, evals_log[EARLY_STOPPING]["rmse"][-1] if evals_log else math.nan)
        return False


def told(turn: int, rmse: float) -> str:
    """A round in words."""
    return f"round {turn} on all days" if math.isnan(rmse) else f"round {turn}: {rmse:.4f} minutes RMSE"
