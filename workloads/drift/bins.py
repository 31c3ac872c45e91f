"""Columns of rides in bins, so that any set of rides is a row of counts."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

ZONES = ("PULocationID", "DOLocationID")
MIN_ZONE_SHARE = 0.01  # of the reference's rides; zones with fewer share one bin
RANGES = 15  # bins of equal shares of the reference
HOURS, MOST_PASSENGERS = 24, 6


@dataclass(frozen=True, kw_only=True)
class Bins:
    """The bins of one column.

    Args:
        column: The column, see `columns`.
        kind: `categories` have a bin each, and one more for every other value; `ranges` lie between edges.
        values: The categories in order, or the inner edges.
    """

    column: str
    kind: Literal["categories", "ranges"]
    values: tuple[float, ...]

    @property
    def size(self) -> int:
        """The number of bins."""
        return len(self.values) + 1

    def codes(self, column: Numbers) -> NDArray[np.int64]:
        """The bin of each value, -1 for a missing one."""
        edges = np.asarray(self.values)
        if self.kind == "ranges":
            codes = np.searchsorted(edges, column, side="right")
        else:
            place = np.minimum(np.searchsorted(edges, column), len(edges) - 1)
            codes = np.where(edges[place] == column, place, len(edges))
        return np.where(np.isnan(column), -1, codes)

    def labels(self) -> list[str]:
        """A name of each bin."""
        texts = [f"{value:.4g}" for value in self.values]
        if self.kind == "categories":
            return [*texts, "other"]
        return [f"{low} to {high}" for low, high in zip(["-", *texts], [*texts, "-"], strict=True)]


def columns(rides: pd.DataFrame) -> dict[str, Numbers]:
    """The columns that are compared, as numbers; a column that `rides` lacks is missing in every ride.

    Args:
        rides: The columns of a day's joined rides: zones, `trip_distance`, `lpep_pickup_datetime`,
            `passenger_count`, `predicted_minutes`, and `minutes` where a ride is complete.
    """
    pickup = pd.to_datetime(rides.get("lpep_pickup_datetime", pd.Series(pd.NaT, rides.index)))
    names = (*ZONES, "trip_distance", "passenger_count", "predicted_minutes", "minutes")
    numbers = {name: _numbers(rides.get(name), len(rides)) for name in names}
    return {**numbers, "pickup_hour": np.asarray(pickup.dt.hour, np.float64)}


def describe(rides: pd.DataFrame) -> tuple[Bins, ...]:
    """The bins that the reference's rides give, in the order of their checks; the last is the target's."""
    found = columns(rides)
    return (
        *(Bins(column=name, kind="categories", values=_frequent(found[name])) for name in ZONES),
        _ranges("trip_distance", found["trip_distance"]),
        Bins(column="pickup_hour", kind="categories", values=tuple(map(float, range(HOURS)))),
        Bins(
            column="passenger_count",
            kind="categories",
            values=tuple(map(float, range(MOST_PASSENGERS + 1))),
        ),
        _ranges("predicted_minutes", found["predicted_minutes"]),
        _ranges("minutes", found["minutes"]),
    )


def _numbers(column: Any, length: int) -> Numbers:
    if column is None:
        return np.full(length, np.nan)
    return np.asarray(pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan))


def _frequent(zones: Numbers) -> tuple[float, ...]:
    values, counts = np.unique(zones, return_counts=True)
    return tuple(values[counts >= MIN_ZONE_SHARE * len(zones)].tolist())


def _ranges(name: str, column: Numbers) -> Bins:
    shares = np.linspace(0, 1, RANGES + 1)[1:-1]
    edges = np.unique(np.nanquantile(column, shares))
    return Bins(column=name, kind="ranges", values=tuple(edges.tolist()))
