"""How good parameters are: the error on days that come after those that a model was fitted on."""

from collections.abc import Callable
from itertools import pairwise
from statistics import fmean

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray

from workloads.automl.space import suggest
from workloads.data.zones import zones
from workloads.training import growing
from workloads.training.features import describe, matrix
from workloads.training.growing import Parameters
from workloads.training.model import data, find_rounds

FOLDS = 3
FOLD_SHARE = 0.15  # of the days, that each fold is judged on: the last ones, in three steps

Progress = Callable[[int, int, float], None]


class Objective:
    """The mean RMSE in minutes over `FOLDS` folds, each judged on later days than it is fitted on.

    After each fold a trial that does worse than most others did there is given up.

    Args:
        rides: A month's, as `workloads.data.quality.rides` gives them.
        progress: Called after each fold with the trial's number, the fold's, and the mean RMSE so far.
        on_round: Called after each round of XGBoost.
    """

    def __init__(
        self,
        rides: pd.DataFrame,
        progress: Progress = lambda *_: None,
        on_round: growing.Progress = lambda *_: None,
    ) -> None:
        self._features = describe()
        self._values = matrix(rides, self._features, zones())
        self._minutes = rides["minutes"].to_numpy(np.float32)
        self._folds = list(_folds(rides))
        self._progress = progress
        self._on_round = on_round

    def __call__(self, trial: optuna.Trial) -> float:
        """Judges the trial's parameters.

        Raises:
            optuna.TrialPruned: the trial was given up.
        """
        parameters = suggest(trial)
        errors: list[float] = []
        for number, (early, late) in enumerate(self._folds, 1):
            rounds, rmse = self._judge(parameters, early, late)
            errors.append(rmse)
            trial.set_user_attr(f"fold_{number}", {"rmse": rmse, "rounds": rounds})
            trial.report(fmean(errors), number)
            self._progress(trial.number, number, fmean(errors))
            if number < len(self._folds) and trial.should_prune():
                raise optuna.TrialPruned
        return fmean(errors)

    def _judge(
        self, parameters: Parameters, early: NDArray[np.bool_], late: NDArray[np.bool_]
    ) -> tuple[int, float]:
        return find_rounds(
            data(self._values[early], self._minutes[early], self._features),
            data(self._values[late], self._minutes[late], self._features),
            parameters=parameters,
            progress=self._on_round,
        )


def _folds(rides: pd.DataFrame) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Which rides a fold is fitted on, and which later ones it is judged on."""
    day = rides["lpep_pickup_datetime"].dt.normalize().to_numpy()
    days = np.unique(day)
    edges = [int(len(days) * (1 - FOLD_SHARE * left)) for left in range(FOLDS, -1, -1)]
    limits = [days[edge] if edge < len(days) else days[-1] + np.timedelta64(1, "D") for edge in edges]
    return [(day < start, (day >= start) & (day < end)) for start, end in pairwise(limits)]
