"""By how much one model is better than another on the same rides, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RESAMPLES = 4000
SEED = 7


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much lower the RMSE is, in minutes.

    Args:
        minutes: On the rides themselves.
        low: The lowest gain that is likely at the confidence that was asked for.
    """

    minutes: float
    low: float


def gain(
    day: pd.Series,
    minutes: NDArray[np.float64],
    predicted: NDArray[np.floating],
    current: NDArray[np.floating],
    confidence: float,
) -> Gain:
    """The gain of predictions on those of the current model, by a paired bootstrap over days.

    Days are drawn as a whole, because the errors of a day's rides go together: rides that were drawn one by
    one would make a good week look like certainty.

    Args:
        day: Of each ride.
        minutes: What each took.
        predicted: By the candidate.
        current: By the current model.
        confidence: The share of the resamples with a gain above `low`.
    """
    _, code = np.unique(day.to_numpy(), return_inverse=True)
    squares = [(each.astype(np.float64) - minutes) ** 2 for each in (predicted, current)]
    sums = np.column_stack([np.bincount(code), *(np.bincount(code, weights=each) for each in squares)])
    days = len(sums)
    drawn = np.random.default_rng(SEED).multinomial(days, np.full(days, 1 / days), RESAMPLES) @ sums
    gains = np.sqrt(drawn[:, 2] / drawn[:, 0]) - np.sqrt(drawn[:, 1] / drawn[:, 0])
    found = np.sqrt(squares[1].mean()) - np.sqrt(squares[0].mean())
    return Gain(minutes=float(found), low=float(np.quantile(gains, 1 - confidence)))
