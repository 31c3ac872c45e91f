"""The candidate against the current model, on the same rides."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.quality import Check
from workloads.training import registry
from workloads.training.bootstrap import gain
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError
from workloads.training.model import score
from workloads.training.promotion import Margin, beats_current, keeps_real_data

FEATURES_FILE = "workloads/training/features.py"


def compare(
    predicted: NDArray[np.float32], data_source: str, current: Bundle, rides: pd.DataFrame, margin: Margin
) -> list[Check]:
    """The checks of a candidate, whose minutes for `rides` are `predicted`; logs both models' errors.

    Raises:
        TrainingError: the current model takes a feature that cannot be computed any more.
    """
    try:
        of_current = current.predict(rides)
    except KeyError as error:
        raise TrainingError(
            f"version {current.version}, the current one, takes the feature {error}, which {FEATURES_FILE} "
            "lacks; add it there, or delete the alias in MLflow and train again"
        ) from error
    minutes = rides["minutes"].to_numpy(np.float64)
    day = rides["lpep_pickup_datetime"].dt.normalize()
    found = gain(day, minutes, predicted, of_current, margin.confidence)
    registry.log_current(score(minutes, of_current), found)
    return [beats_current(found, margin), keeps_real_data(data_source, current.data_source)]
