"""The share of days without a shift that are reported is the one that was asked for, over all checks."""

import numpy as np
import pandas as pd
import pytest

from workloads.drift import calibration
from workloads.drift.bins import describe
from workloads.drift.calendar import is_holiday, kind
from workloads.drift.calibration import RATES, calibrate, draw, places, spread
from workloads.drift.cells import Layout
from workloads.drift.profile import day_cells
from workloads.drift.statistics import compare

DAYS = 6000


@pytest.mark.parametrize("family", ["drift", "performance"])
def test_share_of_alarmed_days(
    reference_rides: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    """By draws that the thresholds do not come from; without the margin for hours that the month has not,
    which benchmarks/calibration.py measures."""
    monkeypatch.setattr(calibration, "MARGINS", {name: (1.0,) * len(RATES) for name in calibration.MARGINS})
    rides = reference_rides[~reference_rides["lpep_pickup_datetime"].dt.date.map(is_holiday)]
    layout = Layout(describe(rides))
    days, cells = day_cells(layout, rides)
    fitted = calibrate(layout, cells, [kind(day) for day in days], seed=1)
    workdays = cells[[kind(day) == "workday" for day in days]]
    rows = draw(workdays, DAYS, np.random.default_rng(2))
    distance, chance = compare(layout, rows, workdays.sum((0, 1)) - rows)
    ratio = distance / (chance + fitted.between["workday"] * spread(len(workdays) - 1))
    for rate in (0.05, 0.1):
        alarmed = (ratio[:, places(layout, family)] > fitted.highest(family, rate)).any(axis=1)
        assert alarmed.mean() == pytest.approx(rate, rel=0.35)  # workdays are five of seven
