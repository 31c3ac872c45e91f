"""Values that should not be there: missing ones, ones out of range, and zones that the reference has not."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.drift.bins import ZONES, Numbers, columns

MAX_MILES, MAX_PASSENGERS = 100.0, 9.0  # a broken meter; a minibus
MARGIN, FACTOR = 0.01, 1.5  # a share may be by so much above the highest one of any day of the reference
_REQUIRED = (*ZONES, "trip_distance", "pickup_hour", "passenger_count")


def shares(rides: pd.DataFrame, known_zones: NDArray[np.float64]) -> dict[str, float]:
    """The share of the rides with each defect, by the name of its check; empty without rides."""
    if rides.empty:
        return {}
    found = columns(rides)
    bad: dict[str, NDArray[np.bool_]] = {f"missing {name}": np.isnan(found[name]) for name in _REQUIRED}
    bad["trip_distance out of range"] = _outside(found["trip_distance"], MAX_MILES)
    bad["passenger_count out of range"] = _outside(found["passenger_count"], MAX_PASSENGERS)
    for name in ZONES:
        bad[f"unseen {name}"] = ~np.isnan(found[name]) & ~np.isin(found[name], known_zones)
    return {name: float(each.mean()) for name, each in bad.items()}


def limits(days: list[pd.DataFrame]) -> dict[str, float]:
    """The highest share of each defect that counts as usual, from the reference's days.

    A zone counts as unseen on a day of the reference when no other day has it.
    """
    zones = [np.unique(day[list(ZONES)].to_numpy(np.float64)) for day in days]
    values, counts = np.unique(np.concatenate(zones), return_counts=True)
    once = values[counts < 2]
    found = [
        shares(day, np.setdiff1d(values, np.intersect1d(once, own)))
        for day, own in zip(days, zones, strict=True)
    ]
    return {name: _limit(max(each[name] for each in found)) for name in found[0]}


def _limit(highest: float) -> float:
    """Where most rides of a usual day have the defect, a day on which all have it is still found."""
    return min(FACTOR * highest + MARGIN, (1 + highest) / 2)


def _outside(column: Numbers, most: float) -> NDArray[np.bool_]:
    outside: NDArray[np.bool_] = (column < 0) | (column > most)
    return outside
