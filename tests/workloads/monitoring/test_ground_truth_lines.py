"""Lines come out alike, whether Arrow's reader of JSON takes their object or Python's has to."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.workloads.monitoring.conftest import Objects
from workloads.monitoring.ground_truth_lines import COMPLETIONS, PREDICTIONS, Lines, read

Change = Callable[[dict[str, Any]], None]
AT = "2023-03-01T13:00:01.123+00:00"
PREDICTION = {
    "model": "rides",
    "version": "3",
    "prediction": {"ride_duration": 9.5, "ride_id": "7"},
    "ride": {
        "PULocationID": 74,
        "DOLocationID": 75,
        "trip_distance": 1.5,
        "lpep_pickup_datetime": "2023-03-01T08:00:00",
        "passenger_count": 2,
        "tip": "unknown here",
    },
    "sequence_number": "1",
    "predicted_at": AT,
}
COMPLETION = {
    "ride_id": "7",
    "lpep_dropoff_datetime": "2023-03-01T08:10:00",
    "received_at": AT,
    "sequence_number": "2",
}


def lines(objects: Objects, kind: str, *each: dict[str, Any]) -> Lines:
    objects.put(kind, AT, list(each))
    return read(objects.bucket, [f"{kind}/"], PREDICTIONS if kind == "predictions" else COMPLETIONS)


def ride(**changes: Any) -> dict[str, Any]:
    """The prediction with another ride; a value of None leaves the key out."""
    changed = {**PREDICTION["ride"], **changes}  # type: ignore[dict-item]
    return {**PREDICTION, "ride": {name: value for name, value in changed.items() if value is not None}}


@pytest.mark.parametrize(
    ("kind", "line", "numbered"),
    [
        ("predictions", PREDICTION, {**PREDICTION, "prediction": {"ride_duration": 9.5, "ride_id": 7}}),
        ("predictions", ride(passenger_count=None, lpep_pickup_datetime=None), None),
        ("predictions", ride(lpep_pickup_datetime="2023-03-01 08:00:00.25"), None),
        ("predictions", {**PREDICTION, "predicted_at": "2023-03-01T08:00:01-05:00"}, None),
        ("actuals", COMPLETION, {**COMPLETION, "ride_id": 7}),
    ],
    ids=["whole", "without time", "other time", "other zone", "completion"],
)
def test_both_readers_agree(
    objects: Objects, kind: str, line: dict[str, Any], numbered: dict[str, Any] | None
) -> None:
    """A number as a ride's id is what Arrow's reader does not take among texts."""
    other = numbered or {**line, "prediction": {"ride_duration": 9.5, "ride_id": 7}}
    by_arrow = lines(objects, kind, line)
    every = lines(objects, kind, line, other)  # with the row of the first object, or the last
    assert by_arrow.damaged == every.damaged == ()
    assert len(every.table) == 3
    for place in range(3):
        assert every.table.slice(place, 1).equals(by_arrow.table)


@pytest.mark.parametrize("lost", ["model", "predicted_at", "sequence_number"])
def test_line_that_lacks_a_value(objects: Objects, lost: str) -> None:
    """The others of its object count, and the object is named."""
    broken = {name: value for name, value in PREDICTION.items() if name != lost}
    found = lines(objects, "predictions", PREDICTION, broken, PREDICTION)
    assert (len(found.table), len(found.damaged)) == (2, 1)
