"""The share of days without a shift that are reported is the one that was asked for, over all checks."""

import numpy as np
import pandas as pd
import pytest

from workloads.drift import calibration
from workloads.drift.bins import describe
from workloads.drift.calendar import DAYS_A_WEEK, KINDS, kind
from workloads.drift.calibration import FAMILIES, RATES, calibrate, draw, places, spread
from workloads.drift.cells import Layout
from workloads.drift.profile import day_cells, usual
from workloads.drift.statistics import compare

WEEKS = 3000  # of days: a share of 1 % then has a standard deviation of 0.07 %


@pytest.fixture(scope="module")
def alarmed(reference_rides: pd.DataFrame) -> dict[str, dict[float, float]]:
    """By family and rate, the share of alarmed days, without a shift, of all kinds.

    By draws that the thresholds do not come from; without the margin for hours that the month has not, which
    benchmarks/calibration.py measures.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "MARGINS", dict.fromkeys(calibration.MARGINS, (1.0,) * len(RATES)))
        rides = reference_rides[usual(reference_rides)]
        layout = Layout(describe(rides))
        days, cells = day_cells(layout, rides)
        kinds = [kind(day) for day in days]
        fitted = calibrate(layout, cells, kinds, seed=1)
    rng = np.random.default_rng(2)
    ratio = []
    for name, a_week in zip(KINDS, DAYS_A_WEEK, strict=True):
        of_kind = cells[[each == name for each in kinds]]
        rows = draw(of_kind, WEEKS * a_week, rng)
        distance, chance = compare(layout, rows, of_kind.sum((0, 1)) - rows)
        ratio.append(distance / (chance + fitted.between[name] * spread(len(of_kind) - 1)))
    every = np.vstack(ratio)
    return {
        family: {
            rate: float((every[:, places(layout, family)] > fitted.highest(family, rate)).any(axis=1).mean())
            for rate in RATES
        }
        for family in FAMILIES
    }


@pytest.mark.parametrize("family", ["drift", "performance"])
@pytest.mark.parametrize("rate", RATES)
def test_share_of_alarmed_days(alarmed: dict[str, dict[float, float]], family: str, rate: float) -> None:
    """Over all columns together, and over workdays, Saturdays and Sundays."""
    assert alarmed[family][rate] == pytest.approx(rate, rel=0.2)
