"""What is known of a ride when it begins, and its distance, as the matrix that the model takes.

The predictor has its own code for the same matrix and never imports this one; what both follow is the list
of features and the table of zones in the bundle's manifest. Only operations that IEEE 754 rounds in one way
are used, so that both give the same bits: no trigonometry. Hour of the day is left out: the minute of the day
says more.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CATEGORICAL = ("PULocationID", "DOLocationID")  # of models that were trained before zones had coordinates
NUMERIC = (
    "trip_distance",  # miles
    "pickup_weekday",  # Monday is 0
    "pickup_hour_of_week",
    "pickup_minute_of_day",
    "passenger_count",
    "pickup_east",  # miles, of the zone's centroid, from the middle of the zones
    "pickup_north",
    "dropoff_east",
    "dropoff_north",
    "straight_miles",  # between the centroids
    "bearing",  # of the drop-off, see `_bearing`
    "distance_ratio",  # the trip's distance to the straight line
)
MAX_ZONE = 265
MAX_RATIO = 1000.0  # a broken meter's distance must not become infinite

Numbers = NDArray[np.float64]
Zones = Mapping[str, Sequence[float]]  # miles east and north by zone


class Feature(TypedDict, total=False):
    """A feature as the manifest lists it; `categories` of a categorical one, in the order of their codes."""

    name: str
    type: Literal["categorical", "numeric"]
    categories: list[int]


def describe() -> list[Feature]:
    """The features in the matrix' order."""
    return [{"name": name, "type": "numeric"} for name in NUMERIC]


def matrix(rides: pd.DataFrame, features: list[Feature], zones: Zones) -> NDArray[np.float32]:
    """The rides as float32 of shape rides x features; a NaN is a missing value.

    A categorical value is its index in the feature's categories, and missing when it is not among them. What
    depends on a zone that `zones` does not have is missing, too.
    """
    values = _values(rides, zones)
    columns = [_column(rides, feature, values) for feature in features]
    return np.column_stack(columns).astype(np.float32)


def types(features: list[Feature]) -> list[str]:
    """XGBoost's type of each feature."""
    return ["c" if feature["type"] == "categorical" else "q" for feature in features]


def _column(rides: pd.DataFrame, feature: Feature, values: dict[str, Numbers]) -> NDArray[Any]:
    if feature["type"] == "numeric":
        return values[feature["name"]]
    codes = pd.Index(feature["categories"]).get_indexer(pd.Index(rides[feature["name"]]))
    return np.where(codes < 0, np.nan, codes)


def _values(rides: pd.DataFrame, zones: Zones) -> dict[str, Numbers]:
    """Every numeric feature that this module can compute."""
    pickup = rides["lpep_pickup_datetime"].dt
    miles = rides["trip_distance"].to_numpy(np.float64)
    times = {
        "pickup_weekday": pickup.weekday,
        "pickup_hour_of_week": pickup.weekday * 24 + pickup.hour,
        "pickup_minute_of_day": pickup.hour * 60 + pickup.minute,
        "passenger_count": rides["passenger_count"],
    }
    return {
        "trip_distance": miles,
        **{name: column.to_numpy(np.float64) for name, column in times.items()},
        **_geometry(rides, miles, zones),
    }


def _geometry(rides: pd.DataFrame, miles: Numbers, zones: Zones) -> dict[str, Numbers]:
    places = np.full((MAX_ZONE + 1, 2), np.nan)
    for zone, place in zones.items():
        places[int(zone)] = place
    start, end = (places[rides[name].to_numpy(np.int64)] for name in CATEGORICAL)
    east, north = (end - start).T
    straight = np.sqrt(east * east + north * north)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.minimum(miles / straight, MAX_RATIO)
    return {
        "pickup_east": start[:, 0],
        "pickup_north": start[:, 1],
        "dropoff_east": end[:, 0],
        "dropoff_north": end[:, 1],
        "straight_miles": straight,
        "bearing": _bearing(east, north),
        "distance_ratio": np.where(straight > 0, ratio, np.nan),
    }


def _bearing(east: Numbers, north: Numbers) -> Numbers:
    """The direction as a number that grows with the angle: east 0, north 1, west 2, south 3 or -1."""
    length = np.abs(east) + np.abs(north)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(length > 0, north / length, np.nan)  # within a zone there is none
    return np.where(east < 0, 2 - slope, slope)
