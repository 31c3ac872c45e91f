"""The distances that know the order of bins, against SciPy's rank test and against turned clocks."""

from collections.abc import Callable

import pandas as pd
import pytest
from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]  # has no types

from workloads.drift.bins import columns
from workloads.drift.profile import Profile, usual
from workloads.drift.statistics import RANK, ROTATION, compare, names

Distance = Callable[[str, pd.DataFrame], float]


@pytest.fixture
def distance(reference: Profile, usual_day: tuple[object, pd.DataFrame]) -> Distance:
    """The squared distance of a day's rides from the reference's workdays."""

    def of(check: str, rides: pd.DataFrame) -> float:
        row = reference.layout.count(rides)
        found, _ = compare(reference.layout, row, reference.rows["workday"])
        return float(found[0, names(reference.layout).index(check)])

    return of


def turned(rides: pd.DataFrame, hours: int) -> pd.DataFrame:
    """The rides with a clock that goes wrong by so many hours."""
    pickup = rides["lpep_pickup_datetime"]
    day = pickup.dt.normalize()
    return rides.assign(
        lpep_pickup_datetime=day + (pickup - day + pd.Timedelta(hours=hours)) % pd.Timedelta(days=1)
    )


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_summer_time_is_no_rotation(
    distance: Distance, usual_day: tuple[object, pd.DataFrame], hours: int
) -> None:
    assert distance(ROTATION, turned(usual_day[1], hours)) == 0


@pytest.mark.parametrize("hours", [-5, 3, 5, 12])
def test_wrong_clock(distance: Distance, usual_day: tuple[object, pd.DataFrame], hours: int) -> None:
    """What the right hours explain is most of how far the wrong ones are off."""
    wrong = turned(usual_day[1], hours)
    assert distance(ROTATION, wrong) > 0.5 * distance("pickup_hour", wrong)


def test_busier_evening_is_no_rotation(distance: Distance, usual_day: tuple[object, pd.DataFrame]) -> None:
    """As after a match: the hours drift, and the clock is right."""
    rides = usual_day[1]
    evening = rides[rides["lpep_pickup_datetime"].dt.hour >= 21]
    busy = pd.concat([rides, *[evening] * 3], ignore_index=True)
    assert distance("pickup_hour", busy) > 0.01
    assert distance(ROTATION, busy) == 0


def test_rank_is_mann_whitney(
    reference: Profile,
    reference_rides: pd.DataFrame,
    distance: Distance,
    usual_day: tuple[object, pd.DataFrame],
) -> None:
    """SciPy's statistic, divided by the number of pairs, on the same bins."""
    bins = next(each for each in reference.layout.bins if each.column == "trip_distance")
    workdays = reference_rides[usual(reference_rides)]
    workdays = workdays[workdays["lpep_pickup_datetime"].dt.weekday < 5]
    shorter = usual_day[1].assign(trip_distance=usual_day[1]["trip_distance"] * 0.8)
    codes = [bins.codes(columns(rides)["trip_distance"]) for rides in (shorter, workdays)]
    pairs = len(codes[0]) * len(codes[1])
    expected = mannwhitneyu(*codes).statistic / pairs
    assert distance(RANK, shorter) == pytest.approx((expected - 0.5) ** 2, rel=1e-6)


def test_storm_is_not_usual(reference_rides: pd.DataFrame) -> None:
    """A day with two fifths of the rides of its kind is none that others can be held against."""
    day = reference_rides["lpep_pickup_datetime"].dt.date
    stormy = reference_rides.loc[day == sorted(set(day))[7]]
    rest = reference_rides.drop(stormy.index)
    rides = pd.concat([rest, stormy.sample(frac=0.4, random_state=1)], ignore_index=True)
    left = set(rides["lpep_pickup_datetime"].dt.date[usual(rides)])
    assert left == set(reference_rides["lpep_pickup_datetime"].dt.date[usual(reference_rides)]) - {
        stormy["lpep_pickup_datetime"].dt.date.iloc[0]
    }
