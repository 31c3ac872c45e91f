"""The table of zones against distances that anybody can look up."""

from math import dist

import pytest

from workloads.data.zones import zones

NEWARK, CENTRAL_PARK, JFK, LA_GUARDIA, TIMES_SQUARE = "1", "43", "132", "138", "230"


def test_every_place_has_coordinates() -> None:
    """All of TLC's 265 but the two unknown ones and the three whose shapes bear other numbers."""
    assert {*map(str, range(1, 266))} - {*zones()} == {"57", "104", "105", "264", "265"}
    assert all(dist(place, (0, 0)) < 26 for place in zones().values()), "within the city"


@pytest.mark.parametrize(
    ("start", "end", "miles"),
    [
        (TIMES_SQUARE, JFK, 13.0),
        (TIMES_SQUARE, LA_GUARDIA, 5.9),
        (TIMES_SQUARE, NEWARK, 10.5),
        (TIMES_SQUARE, CENTRAL_PARK, 1.9),
        (LA_GUARDIA, JFK, 10.2),
    ],
)
def test_distances(start: str, end: str, miles: float) -> None:
    assert dist(zones()[start], zones()[end]) == pytest.approx(miles, rel=0.1)
