"""From rides to the matrix that a model was trained on, after the manifest's features and its table of zones.

Only operations that IEEE 754 rounds in one way are used, so that training, which has code of its own, gets
the same bits: no trigonometry.
"""

from array import array
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from math import isfinite, nan, sqrt
from typing import Any

from records import COLUMNS, MAX_ZONE, Ride

CATEGORICAL = ("PULocationID", "DOLocationID")
# What follows from where the zones lie, in miles; see _geometry. The ratio needs the trip's distance, too.
GEOMETRY = (
    "pickup_east",
    "pickup_north",
    "dropoff_east",
    "dropoff_north",
    "straight_miles",
    "bearing",
    "distance_ratio",
)
MAX_RATIO = 1000.0  # a broken meter's distance must not become infinite
PAIRS = 4096  # of zones, whose geometry is kept: a day of New York's green taxis has fewer
_NAMES = (*COLUMNS, *GEOMETRY)
_NOWHERE = (nan, nan)

Place = tuple[float, float]
Row = tuple[float, ...]


class Encoder:
    """Builds matrices.

    Args:
        features: The manifest's features, in the model's order: `{"name", "type": "numeric"}` or
            `{"name", "type": "categorical", "categories": [...]}`. A categorical value becomes its index
            in `categories`; one that is not listed is missing.
        zones: The manifest's table of zones: miles east and north by zone. What depends on a zone that is not
            in it is missing.

    Raises:
        ValueError: a feature that this function cannot compute, or one of another type, or a wrong zone.
    """

    def __init__(self, features: Sequence[dict[str, Any]], zones: Mapping[str, Any]) -> None:
        self._columns = [_column(feature) for feature in features]
        self.names = [feature["name"] for feature in features]
        self.types = ["q" if codes is None else "c" for _, codes in self._columns]
        self._geometry = None
        if any(column >= len(COLUMNS) for column, _ in self._columns):
            self._geometry = lru_cache(PAIRS)(partial(_geometry, _places(zones)))

    def matrix(self, rides: Sequence[Ride]) -> "array[float]":
        """Row-major float32 values of shape rides x features; NaN is missing."""
        rows = [ride.row for ride in rides]
        if self._geometry is not None:
            rows = [_with_geometry(row, self._geometry(row[0], row[1])) for row in rows]
        if not rows:
            return array("f")
        width, found = len(self._columns), list(zip(*rows, strict=True))
        values = array("f", bytes(4 * width * len(rows)))
        for place, (column, codes) in enumerate(self._columns):
            of_rides = found[column] if codes is None else [codes.get(zone, nan) for zone in found[column]]
            values[place::width] = array("f", of_rides)
        return values


def _column(feature: dict[str, Any]) -> tuple[int, dict[float, int] | None]:
    name, kind = feature.get("name"), feature.get("type")
    if name not in _NAMES:
        raise ValueError(f"feature {name!r} is unknown to this function; it knows {', '.join(_NAMES)}")
    if kind != ("categorical" if name in CATEGORICAL else "numeric"):
        raise ValueError(f"feature {name!r} cannot be {kind!r}")
    if kind == "numeric":
        return _NAMES.index(name), None
    zones = feature["categories"]
    if not all(type(zone) is int for zone in zones) or zones != sorted(set(zones)):
        raise ValueError(f"the categories of {name} must be integers in ascending order, got {zones}")
    return _NAMES.index(name), {zone: code for code, zone in enumerate(zones)}


def _places(zones: Mapping[str, Any]) -> list[Place]:
    """Every zone's place by its number."""
    places = [_NOWHERE] * (MAX_ZONE + 1)
    for zone, place in zones.items():
        if not zone.isdecimal() or not 1 <= int(zone) <= MAX_ZONE:
            raise ValueError(f"the table of zones must hold zones from 1 to {MAX_ZONE}, got {zone!r}")
        east, north = place
        if not all(type(miles) is float and isfinite(miles) for miles in (east, north)):
            raise ValueError(f"zone {zone} must lie at finite miles east and north, got {place}")
        places[int(zone)] = (east, north)
    return places


def _geometry(places: Sequence[Place], pickup: int, dropoff: int) -> Row:
    """Both places, the straight line, and its bearing: east 0, north 1, west 2, south 3 or -1."""
    start, end = places[pickup], places[dropoff]
    east, north = end[0] - start[0], end[1] - start[1]
    length = abs(east) + abs(north)
    slope = north / length if length > 0 else nan
    bearing = 2 - slope if east < 0 else slope
    return (*start, *end, sqrt(east * east + north * north), bearing)


def _with_geometry(row: Row, geometry: Row) -> Row:
    straight = geometry[4]
    ratio = min(row[2] / straight, MAX_RATIO) if straight > 0 else nan
    return (*row, *geometry, ratio)
