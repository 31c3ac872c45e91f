"""What is found on a day: each known shift by the right check, and nothing where there is none."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from workloads.drift.judgement import Judgement, judge
from workloads.drift.profile import Profile
from workloads.drift.shifts import SHIFTS

Day = tuple[date, pd.DataFrame]


def judged(profile: Profile, rides: pd.DataFrame, day: date) -> Judgement:
    """At the stated rates."""
    return judge(profile, rides, day, drift_rate=0.01, performance_rate=0.01)


def shifted(found: Judgement) -> set[str]:
    return {each.check for each in found.findings if each.shifted}


def test_usual_day(reference: Profile, usual_day: Day) -> None:
    day, rides = usual_day
    found = judged(reference, rides, day)
    assert (shifted(found), found.not_judged) == (set(), {})
    assert {each.family for each in found.findings} == {"drift", "performance", "quality"}


@pytest.mark.parametrize("name", SHIFTS)
def test_known_shift(reference: Profile, usual_day: Day, name: str) -> None:
    """Within the one day, by the check that says what is wrong."""
    day, rides = usual_day
    change, right = SHIFTS[name]
    assert shifted(judged(reference, change(rides), day)) & right


def test_column_that_is_gone(reference: Profile, usual_day: Day) -> None:
    day, rides = usual_day
    found = judged(reference, rides.drop(columns="lpep_pickup_datetime"), day)
    assert "missing pickup_hour" in shifted(found)


@pytest.mark.parametrize("rides_a_day", [150, 1_500, 100_000])
def test_sample_size_makes_no_alarm(
    reference: Profile, reference_rides: pd.DataFrame, usual_day: Day, rides_a_day: int
) -> None:
    """A hundred thousand rides show differences as small as those between any two days; none is a shift."""
    workdays = reference_rides[reference_rides["lpep_pickup_datetime"].dt.weekday < 5]
    rides = workdays.sample(rides_a_day, replace=True, random_state=1)
    assert shifted(judged(reference, rides, usual_day[0])) == set()


def test_small_change_in_many_rides(reference: Profile, reference_rides: pd.DataFrame) -> None:
    """Distances 1 % longer in 100,000 rides: any test of significance finds it, and it is no shift."""
    workdays = reference_rides[reference_rides["lpep_pickup_datetime"].dt.weekday < 5]
    rides = workdays.sample(100_000, replace=True, random_state=1)
    rides = rides.assign(trip_distance=rides["trip_distance"] * 1.01)
    assert shifted(judged(reference, rides, date(2023, 3, 7))) == set()


@pytest.mark.parametrize(
    ("day", "count", "why"),
    [
        (date(2023, 3, 7), 99, "99 rides, 100 are needed"),
        (date(2023, 7, 4), 500, "a holiday, which is like no day of the reference"),
    ],
    ids=["few rides", "holiday"],
)
def test_not_judged(reference: Profile, usual_day: Day, day: date, count: int, why: str) -> None:
    found = judged(reference, SHIFTS["zone-remap"][0](usual_day[1].head(count)), day)
    assert found.not_judged == {"drift": why, "performance": why}
    assert not found.shifted("drift")


def test_rides_without_completion(reference: Profile, usual_day: Day) -> None:
    """Data drift is judged all the same."""
    day, rides = usual_day
    found = judged(reference, rides.assign(minutes=np.nan), day)
    assert found.not_judged == {"performance": "0 rides, 100 are needed"}
    assert {each.family for each in found.findings} == {"drift", "quality"}


def test_profile_survives_json(reference: Profile, usual_day: Day) -> None:
    again = Profile.from_json(reference.to_json())
    assert judged(again, usual_day[1], usual_day[0]) == judged(reference, usual_day[1], usual_day[0])


@pytest.mark.parametrize("text", [b"{}", b"[]", b'{"schema": 9, "rates": []}', b"no JSON"])
def test_damaged_profile(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"is not a reference|got schema 9|Expecting value"):
        Profile.from_json(text)
