"""The taxi zones for the Predict page: where they lie on a map, their names, and how far apart they are."""

import math
from dataclasses import dataclass
from functools import cache

from workloads.data.zones import boroughs, names, zones

WIDTH = 560
_MARGIN = 14
_LEAST, _GREATEST = 3.5, 7.5  # radii
# Where there is room for the name of a borough; Newark is none, and TLC calls it EWR.
LABELS = {
    "Manhattan": (218, 172, "end"),
    "Bronx": (446, 30, "start"),
    "Queens": (548, 380, "end"),
    "Brooklyn": (212, 474, "start"),
    "Staten Island": (12, 342, "start"),
    "Newark": (75, 280, "middle"),
}
DETOUR = 1.27  # the median of green taxis' miles over the straight line between the centroids, January 2023
WITHIN = 0.8  # miles, the median of rides within a zone


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A zone; `x` and `y` are its centroid on the map, None for one that lies nowhere."""

    number: int
    name: str
    borough: str
    x: float | None
    y: float | None
    radius: float = 5.0

    @property
    def label(self) -> str:
        """As it is chosen by name: unique, because several zones share a name."""
        return f"{self.name}, {self.borough} ({self.number})"


@cache
def all_zones() -> tuple[Zone, ...]:
    """Every zone that TLC numbers."""
    places = zones()
    west, north = min(x for x, _ in places.values()), max(y for _, y in places.values())
    scale, radii = _scale(), _radii()
    found = []
    for number, name in names().items():
        x = y = None
        if place := places.get(str(number)):
            x, y = (
                round(_MARGIN + (place[0] - west) * scale, 1),
                round(_MARGIN + (north - place[1]) * scale, 1),
            )
        size = radii.get(str(number), _GREATEST)
        found.append(
            Zone(number=number, name=name, borough=boroughs().get(number, ""), x=x, y=y, radius=size)
        )
    return tuple(found)


@cache
def height() -> int:
    """The map's, in the units in which `WIDTH` is its width."""
    norths = [y for _, y in zones().values()]
    return round((max(norths) - min(norths)) * _scale() + 2 * _MARGIN)


def named(text: str) -> Zone | None:
    """The zone of a label, a number or a name that only one zone has."""
    wanted = text.strip()
    exact = [zone for zone in all_zones() if wanted in (zone.label, str(zone.number))]
    alike = exact or [zone for zone in all_zones() if wanted.casefold() == zone.name.casefold()]
    return alike[0] if len(alike) == 1 else None


def distance(start: Zone, end: Zone) -> float | None:
    """Miles that a ride between the zones is likely to have; None where one lies nowhere."""
    places = zones()
    first, second = places.get(str(start.number)), places.get(str(end.number))
    if not first or not second:
        return None
    return round(math.dist(first, second) * DETOUR or WITHIN, 1)


def _radii() -> dict[str, float]:
    """Of the zones' dots: as large as leaves room for the nearest neighbour's."""
    places, scale = zones(), _scale()
    return {
        number: round(
            min(
                _GREATEST,
                max(
                    _LEAST,
                    scale * min(math.dist(place, other) for other in places.values() if other != place) / 2,
                ),
            ),
            1,
        )
        for number, place in places.items()
    }


def _scale() -> float:
    easts = [x for x, _ in zones().values()]
    return (WIDTH - 2 * _MARGIN) / (max(easts) - min(easts))
