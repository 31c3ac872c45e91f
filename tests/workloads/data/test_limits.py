"""A month at the limits of its data set's rules, and one step beyond them."""

from pathlib import Path

import pandas as pd
import pytest

from workloads.data.dataset import Dataset, Rules
from workloads.data.months import DataError
from workloads.data.quality import REASONS, Check, Rides, require

RULES = Rules(
    min_rides=6, min_rides_a_day=2, min_days=3, max_share_outside_month=0.25, max_share_rejected=0.4
)
SMALL = Dataset(name="small", first_month="2016-07", columns={}, rules=RULES)


def month(*rides_a_day: int, **rejected: int) -> Rides:
    """Rides on the first days of January 2023, and so many rejected trips by reason."""
    times = [pd.Timestamp(2023, 1, day) for day, count in enumerate(rides_a_day, 1) for _ in range(count)]
    frame = pd.DataFrame({"lpep_pickup_datetime": pd.Series(times, dtype="datetime64[us]")})
    counts = dict.fromkeys(REASONS, 0) | rejected
    return Rides(month="2023-01", frame=frame, rejected=counts, trips=pd.DataFrame(), dataset=SMALL)


def check(name: str, found: str, required: str, passed: bool) -> Check:
    return Check(name=name, found=found, required=required, passed=passed)


def test_at_the_limits() -> None:
    assert month(2, 2, 2, outside_month=2, too_long=2).checks() == [
        check("rides of 2023-01", "6", "at least 6", True),
        check("days of 2023-01 with 2 rides", "3", "at least 3", True),
        check("trips outside 2023-01", "20.00%", "at most 25%", True),
        check("trips of 2023-01 that were rejected", "40.00%", "at most 40%", True),
    ]
    assert month(2, 2, 2, outside_month=2).checks()[2].passed


def test_beyond_the_limits() -> None:
    assert month(3, 1, 1, outside_month=3, too_short=1).checks() == [
        check("rides of 2023-01", "5", "at least 6", False),
        check("days of 2023-01 with 2 rides", "1", "at least 3", False),
        check("trips outside 2023-01", "33.33%", "at most 25%", False),
        check("trips of 2023-01 that were rejected", "44.44%", "at most 40%", False),
    ]


def test_a_month_without_trips() -> None:
    assert [(one.found, one.passed) for one in month().checks()] == [
        ("0", False),
        ("0", False),
        ("0.00%", True),
        ("0.00%", True),
    ]


def test_one_trip_that_was_rejected() -> None:
    assert [one.found for one in month(outside_month=1).checks()[2:]] == ["100.00%", "100.00%"]


def test_failed_checks_are_named() -> None:
    bad, worse = check("a", "1", "2", False), check("b", "3", "4", False)
    require([check("c", "5", "5", True)], Path("x.parquet"))
    with pytest.raises(DataError) as caught:
        require([bad, check("c", "5", "5", True), worse], Path("x.parquet"))
    assert str(caught.value) == (
        "x.parquet: a: got 1, required: 2; b: got 3, required: 4; use TLC's own file of the month"
    )
