"""How far predictions were off: over all completed rides, by borough of the pickup and by hour."""

from typing import Any

import numpy as np
import pandas as pd

from workloads.data.zones import UNKNOWN_BOROUGH, boroughs


def errors(rides: pd.DataFrame) -> dict[str, float | None]:
    """RMSE, MAE, mean error and R2 of completed rides, in minutes; None where they are not defined.

    Args:
        rides: With `predicted_minutes` and `minutes`, none of them missing.
    """
    if rides.empty:
        return {"rmse": None, "mae": None, "mean_error": None, "r2": None}
    minutes = rides["minutes"].to_numpy(np.float64)
    error = rides["predicted_minutes"].to_numpy(np.float64) - minutes
    variance = float(np.var(minutes))
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "mean_error": float(np.mean(error)),
        "r2": 1 - float(np.mean(error**2)) / variance if variance else None,
    }


def by_group(rides: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The errors by borough and by hour of the pickup, a row a group, with its number of rides."""
    zones = boroughs()
    borough = rides["PULocationID"].map(lambda zone: zones.get(zone, UNKNOWN_BOROUGH))
    hour = rides["lpep_pickup_datetime"].dt.hour
    return {"borough": _rows(rides, borough.astype(str)), "hour": _rows(rides, hour)}


def completed(rides: pd.DataFrame) -> pd.DataFrame:
    """The rides whose duration is known."""
    return rides[rides["minutes"].notna() & rides["predicted_minutes"].notna()]


def _rows(rides: pd.DataFrame, group: pd.Series) -> list[dict[str, Any]]:
    return [
        {"group": name, "rides": len(part), **errors(part)}
        for name, part in rides.groupby(group.to_numpy(), sort=True)
    ]
