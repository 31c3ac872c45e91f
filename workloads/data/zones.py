"""Where TLC's taxi zones lie."""

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("taxi_zone_centroids.csv")
_BOROUGHS = _FILE.with_name("taxi_zone_boroughs.csv")
_NAMES = _FILE.with_name("taxi_zone_names.csv")
UNKNOWN_BOROUGH = "Unknown"
# A plane about the middle of the zones, 40.75 N 73.95 W, and the miles in a degree there.
_LONGITUDE, _LATITUDE = -73.95, 40.75
_MILES_EAST, _MILES_NORTH = 52.4, 69.0

Zones = dict[str, tuple[float, float]]


@cache
def zones() -> Zones:
    """Miles east and north of the middle by zone, as text because JSON's keys are.

    Five zones have no entry: 264 and 265, which stand for an unknown place, and 57, 104 and 105, whose shapes
    bear their neighbours' numbers in TLC's file.
    """
    return {row["LocationID"]: _project(float(row["lon"]), float(row["lat"])) for row in _rows(_FILE)}


@cache
def boroughs() -> dict[int, str]:
    """The borough of each zone, `Unknown` for those that stand for an unknown place."""
    found = {int(row["LocationID"]): row["borough"] for row in _rows(_BOROUGHS)}
    return {zone: UNKNOWN_BOROUGH if name == "N/A" else name for zone, name in found.items()}


@cache
def names() -> dict[int, str]:
    """The name of each zone, as TLC gives it; several zones share one."""
    return {int(row["LocationID"]): row["zone"] for row in _rows(_NAMES)}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    """To a thousandth of a mile."""
    return (
        round((longitude - _LONGITUDE) * _MILES_EAST, 3),
        round((latitude - _LATITUDE) * _MILES_NORTH, 3),
    )
