"""From rides to the matrix that a model was trained on, after the manifest's list of features."""

from array import array
from collections.abc import Sequence
from math import nan
from typing import Any

from records import COLUMNS, Ride

CATEGORICAL = ("PULocationID", "DOLocationID")


class Encoder:
    """Builds matrices.

    Args:
        features: The manifest's features, in the model's order: `{"name", "type": "numeric"}` or
            `{"name", "type": "categorical", "categories": [...]}`. A categorical value becomes its index
            in `categories`; one that is not listed is missing.

    Raises:
        ValueError: a feature that this function cannot compute, or one of another type.
    """

    def __init__(self, features: Sequence[dict[str, Any]]) -> None:
        self._columns = [_column(feature) for feature in features]
        self.names = [feature["name"] for feature in features]
        self.types = ["q" if codes is None else "c" for _, codes in self._columns]

    def matrix(self, rides: Sequence[Ride]) -> "array[float]":
        """Row-major float32 values of shape rides x features; NaN is missing."""
        rows = [ride.row for ride in rides]
        width = len(self._columns)
        values = array("f", bytes(4 * width * len(rows)))
        for place, (column, codes) in enumerate(self._columns):
            if codes is None:
                values[place::width] = array("f", [row[column] for row in rows])
            else:
                values[place::width] = array("f", [codes.get(row[column], nan) for row in rows])
        return values


def _column(feature: dict[str, Any]) -> tuple[int, dict[float, int] | None]:
    name, kind = feature.get("name"), feature.get("type")
    if name not in COLUMNS:
        raise ValueError(f"feature {name!r} is unknown to this function; it knows {', '.join(COLUMNS)}")
    if kind != ("categorical" if name in CATEGORICAL else "numeric"):
        raise ValueError(f"feature {name!r} cannot be {kind!r}")
    if kind == "numeric":
        return COLUMNS.index(name), None
    zones = feature["categories"]
    if not all(type(zone) is int for zone in zones) or zones != sorted(set(zones)):
        raise ValueError(f"the categories of {name} must be integers in ascending order, got {zones}")
    return COLUMNS.index(name), {zone: code for code, zone in enumerate(zones)}
