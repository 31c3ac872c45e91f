"""The model: gradient-boosted trees of XGBoost, on one thread and from one seed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from workloads.data.zones import zones
from workloads.training.features import Feature, Zones, describe, matrix, types

EARLY_STOPPING_SHARE = 0.15  # of the training days, the last ones: they decide the number of rounds alone
MAX_ROUNDS = 2000
PATIENCE = 30
# The last rounds gain next to nothing, and each costs the predictor a tree for every ride: the fewest
# rounds whose error is within this factor of the least one are taken, about a third less.
RMSE_TOLERANCE = 1.003
# Leaf-wise trees with half of the features at each split: on 2021 and 2023 alike a lower error than trees
# of depth 8, at half of the size and of the time. Two threads on two busy cores are slower than one.
Parameters = Mapping[str, Any]
PARAMETERS: Parameters = {
    "objective": "reg:squarederror",
    "eval_metric": "rmse",
    "tree_method": "hist",
    "grow_policy": "lossguide",
    "max_leaves": 256,
    "max_depth": 0,
    "learning_rate": 0.1,
    "subsample": 0.85,
    "colsample_bynode": 0.5,
    "min_child_weight": 5,
    "nthread": 1,
    "seed": 7,
}


@dataclass(frozen=True, kw_only=True)
class Model:
    """A fitted model: how it was fitted, and the features that it takes."""

    booster: xgboost.Booster
    features: list[Feature]
    zones: Zones
    rounds: int
    early_stopping_rmse: float
    seconds: float
    parameters: Parameters = field(default_factory=lambda: PARAMETERS)

    def predict(self, rides: pd.DataFrame) -> NDArray[np.float32]:
        """The minutes of each ride."""
        return predict(self.booster, self.features, self.zones, rides)


@dataclass(frozen=True, kw_only=True)
class Score:
    """Errors on rides that the model was not fitted on, in minutes."""

    rmse: float
    mae: float


def fit(
    rides: pd.DataFrame,
    progress: Callable[[int, float], None] = lambda _round, _rmse: None,
    *,
    parameters: Parameters = PARAMETERS,
) -> Model:
    """Finds the number of rounds on the last days of `rides`, then fits on all of them.

    Args:
        rides: As `workloads.data.trips.rides` gives them; the order of rows is part of the outcome.
        progress: Called after each round with its number and the RMSE on the early stopping set.
        parameters: XGBoost's.
    """
    started = time.perf_counter()
    features, places = describe(), zones()
    values, minutes = matrix(rides, features, places), rides["minutes"].to_numpy(np.float32)
    late = on_last_days(rides, EARLY_STOPPING_SHARE)
    rounds, early_stopping_rmse = find_rounds(
        data(values[~late], minutes[~late], features),
        data(values[late], minutes[late], features),
        parameters=parameters,
        progress=progress,
    )
    booster = xgboost.train(dict(parameters), data(values, minutes, features), rounds)
    return Model(
        booster=booster,
        features=features,
        zones=places,
        rounds=rounds,
        early_stopping_rmse=early_stopping_rmse,
        seconds=time.perf_counter() - started,
        parameters=parameters,
    )


def on_last_days(rides: pd.DataFrame, share: float) -> NDArray[np.bool_]:
    """Which rides began on the last `share` of the days, 0 to 1, that there are."""
    day = rides["lpep_pickup_datetime"].dt.normalize()
    days = np.sort(day.unique())
    late: NDArray[np.bool_] = (day >= days[int(len(days) * (1 - share))]).to_numpy()
    return late


def find_rounds(
    early: xgboost.DMatrix,
    late: xgboost.DMatrix,
    *,
    parameters: Parameters,
    progress: Callable[[int, float], None] = lambda _round, _rmse: None,
) -> tuple[int, float]:
    """The fewest rounds on `early` after which `late` gains next to nothing, and the RMSE on `late`."""
    errors: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        dict(parameters),
        early,
        MAX_ROUNDS,
        evals=[(late, "early_stopping")],
        evals_result=errors,
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
        callbacks=[_ReportProgress(progress)],
    )
    return _fewest_rounds(errors["early_stopping"]["rmse"])


def predict(
    booster: xgboost.Booster, features: list[Feature], zones: Zones, rides: pd.DataFrame
) -> NDArray[np.float32]:
    """The minutes of each ride, by a booster that takes these features of rides between these zones."""
    found: NDArray[np.float32] = booster.predict(data(matrix(rides, features, zones), None, features))
    return found


def score(minutes: NDArray[np.float64], predicted: NDArray[np.floating]) -> Score:
    """How far predictions are from what rides took."""
    error = predicted.astype(np.float64) - minutes
    return Score(rmse=float(np.sqrt(np.mean(error**2))), mae=float(np.mean(np.abs(error))))


def _fewest_rounds(errors: list[float]) -> tuple[int, float]:
    """The fewest rounds with an RMSE within `RMSE_TOLERANCE`, and that RMSE."""
    limit = min(errors) * RMSE_TOLERANCE
    return next((turn, error) for turn, error in enumerate(errors, 1) if error <= limit)


def data(
    values: NDArray[np.float32], minutes: NDArray[np.float32] | None, features: list[Feature]
) -> xgboost.DMatrix:
    """What XGBoost takes: rows of `features.matrix`, and the minutes of each unless they are to be found."""
    return xgboost.DMatrix(
        values,
        minutes,
        feature_names=[feature["name"] for feature in features],
        feature_types=types(features),
        enable_categorical=True,
        nthread=1,
    )


class _ReportProgress(xgboost.callback.TrainingCallback):
    def __init__(self, progress: Callable[[int, float], None]) -> None:
        self._progress = progress

    def after_iteration(
        self, model: xgboost.Booster, epoch: int, evals_log: dict[str, dict[str, Any]]
    ) -> bool:
        del model
        self._progress(epoch + 1, evals_log["early_stopping"]["rmse"][-1])
        return False
