"""What is fitted, and on what."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from workloads.training.baseline import linear
from workloads.training.features import Feature, types
from workloads.training.model import Model, fit, score


def test_beats_linear_regression(
    fitted: Model, train_set: pd.DataFrame, validation_set: pd.DataFrame
) -> None:
    minutes = validation_set.minutes.to_numpy()
    candidate = score(minutes, fitted.predict(validation_set))
    assert candidate.rmse < 0.95 * score(minutes, linear(train_set, validation_set)).rmse
    assert candidate.mae < candidate.rmse < 8


def test_linear_regression_tells_there_from_back() -> None:
    """Each pair of zones has minutes of its own, in each direction."""
    rides = pd.DataFrame(
        {
            "PULocationID": [10, 20, 15] * 2,
            "DOLocationID": [20, 10, 15] * 2,
            "trip_distance": [1.0, 1.0, 1.0, 2.0, 2.0, 2.0],
            "minutes": [5.0, 30.0, 12.0, 6.0, 31.0, 13.0],
        }
    )
    assert linear(rides, rides) == pytest.approx(rides.minutes.to_numpy())


def test_is_deterministic(fitted: Model, train_set: pd.DataFrame) -> None:
    assert fit(train_set).booster.save_raw("ubj") == fitted.booster.save_raw("ubj")


def test_early_stopping_set(monkeypatch: pytest.MonkeyPatch, train_set: pd.DataFrame) -> None:
    """The last training days decide the number of rounds; then all days are fitted."""
    calls: list[tuple[int, list[int]]] = []
    real = xgboost.train

    def spy(parameters: Any, data: Any, rounds: int, evals: Any = (), **options: Any) -> Any:
        calls.append((data.num_row(), [stopping.num_row() for stopping, _ in evals]))
        return real(parameters, data, min(rounds, 12), evals=evals, **options)

    monkeypatch.setattr(xgboost, "train", spy)
    fit(train_set)
    (first, (stopping,)), (second, no_evaluation) = calls
    assert first + stopping == second == len(train_set)
    assert no_evaluation == []
    day = train_set.lpep_pickup_datetime.dt.normalize()
    assert stopping == (day >= np.sort(day.unique())[int(day.nunique() * 0.85)]).sum()


def test_types_of_features() -> None:
    """Those of older models, whose zones were categories."""
    zone: Feature = {"name": "PULocationID", "type": "categorical"}
    miles: Feature = {"name": "trip_distance", "type": "numeric"}
    assert types([zone, miles, zone]) == ["c", "q", "c"]
