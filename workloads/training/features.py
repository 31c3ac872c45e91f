"""What is known of a ride when it begins, and its distance, as the matrix that the model takes.

The predictor has its own code for the same matrix and never imports this one; what both follow is the list
of features in the bundle's manifest. Hour of the day is left out: minute of the day says more.
"""

from typing import Any, Literal, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CATEGORICAL = ("PULocationID", "DOLocationID")
NUMERIC = (
    "trip_distance",  # miles
    "pickup_weekday",  # Monday is 0
    "pickup_hour_of_week",
    "pickup_minute_of_day",
    "passenger_count",
)


class Feature(TypedDict, total=False):
    """A feature as the manifest lists it; `categories` of a categorical one, in the order of their codes."""

    name: str
    type: Literal["categorical", "numeric"]
    categories: list[int]


def describe(rides: pd.DataFrame) -> list[Feature]:
    """The features in the matrix' order, with the zones that occur in `rides`."""
    zones: list[Feature] = [
        {"name": name, "type": "categorical", "categories": sorted(map(int, rides[name].unique()))}
        for name in CATEGORICAL
    ]
    return zones + [{"name": name, "type": "numeric"} for name in NUMERIC]


def matrix(rides: pd.DataFrame, features: list[Feature]) -> NDArray[np.float32]:
    """The rides as float32 of shape rides x features; a NaN is a missing value.

    A categorical value is its index in the feature's categories, and missing when it is not among them.
    """
    values = [_column(rides, feature) for feature in features]
    return np.column_stack(values).astype(np.float32)


def types(features: list[Feature]) -> list[str]:
    """XGBoost's type of each feature."""
    return ["c" if feature["type"] == "categorical" else "q" for feature in features]


def _column(rides: pd.DataFrame, feature: Feature) -> NDArray[Any]:
    name = feature["name"]
    if feature["type"] == "categorical":
        codes = pd.Index(feature["categories"]).get_indexer(pd.Index(rides[name]))
        return np.where(codes < 0, np.nan, codes)
    pickup = rides["lpep_pickup_datetime"].dt
    known: dict[str, pd.Series[Any]] = {
        "pickup_weekday": pickup.weekday,
        "pickup_hour_of_week": pickup.weekday * 24 + pickup.hour,
        "pickup_minute_of_day": pickup.hour * 60 + pickup.minute,
    }
    return (known[name] if name in known else rides[name]).to_numpy(np.float64)
