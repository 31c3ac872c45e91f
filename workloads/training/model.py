"""The model: gradient-boosted trees of XGBoost, on one thread and from one seed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from workloads.data.zones import zones
from workloads.training.features import Feature, Zones, describe, matrix, types
from workloads.training.growing import Grower, OneProcess, Parameters, Progress, errors_of

EARLY_STOPPING_SHARE = 0.15  # of the training days, the last ones: they decide the number of rounds alone
MAX_ROUNDS = 2000
# The last rounds gain next to nothing, and each costs the predictor a tree for every ride: the fewest
# rounds whose error is within this factor of the least one are taken, about a third less.
RMSE_TOLERANCE = 1.003
# Leaf-wise trees with half of the features at each split: on 2021 and 2023 alike a lower error than trees
# of depth 8, at half of the size and of the time. Two threads on two busy cores are slower than one.
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
class Fitted:
    """The rides that a model was fitted on, where these are more than the month that it is named after.

    Args:
        months: As YYYY-MM, the last one that month.
        sources: The data set and the file's checksum of each month.
        rows: Of all of them.
        start: The first pickup.
    """

    months: tuple[str, ...]
    sources: Mapping[str, Mapping[str, str]]
    rows: int
    start: datetime


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
    rides: Fitted | None = None

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
    progress: Progress = lambda _round, _rmse: None,
    *,
    parameters: Parameters = PARAMETERS,
) -> Model:
    """Finds the number of rounds on the last days of `rides`, then fits on all of them.

    Args:
        rides: As `workloads.data.trips.rides` gives them; the order of rows is part of the outcome.
        progress: Called after each round, those on all of the rides as well.
        parameters: XGBoost's.
    """
    features = describe()
    values, minutes = matrix(rides, features, zones()), rides["minutes"].to_numpy(np.float32)
    late = on_last_days(rides, EARLY_STOPPING_SHARE)
    grower = OneProcess(
        early=lambda: data(values[~late], minutes[~late], features),
        late=lambda _early: data(values[late], minutes[late], features),
        every=lambda: data(values, minutes, features),
    )
    return fit_by(grower, progress, parameters=parameters)


def fit_by(grower: Grower, progress: Progress, *, parameters: Parameters) -> Model:
    """Finds the number of rounds on the last days of the grower's rides, then fits on all of them."""
    started = time.perf_counter()
    rounds, early_stopping_rmse = _fewest_rounds(grower.errors(parameters, MAX_ROUNDS, progress))
    booster = grower.grow(parameters, rounds, progress)
    return Model(
        booster=booster,
        features=describe(),
        zones=zones(),
        rounds=rounds,
        early_stopping_rmse=early_stopping_rmse,
        seconds=time.perf_counter() - started,
        parameters=parameters,
    )


def on_last_days(rides: pd.DataFrame, share: float) -> NDArray[np.bool_]:
    """Which rides began on the last `share` of the days, 0 to 1, that there are."""
    day = rides["lpep_pickup_datetime"].to_numpy("datetime64[D]")
    late: NDArray[np.bool_] = day >= first_late_day(day, share)
    return late


def first_late_day(days: NDArray[np.datetime64], share: float) -> np.datetime64:
    """With which the last `share` of the different days among `days` begins."""
    different = np.unique(days)
    found: np.datetime64 = different[int(len(different) * (1 - share))]
    return found


def find_rounds(
    early: xgboost.DMatrix,
    late: xgboost.DMatrix,
    *,
    parameters: Parameters,
    progress: Progress = lambda _round, _rmse: None,
) -> tuple[int, float]:
    """The fewest rounds on `early` after which `late` gains next to nothing, and the RMSE on `late`."""
    return _fewest_rounds(errors_of(early, late, parameters, MAX_ROUNDS, progress))


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
