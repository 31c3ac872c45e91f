"""Policies of retraining on a few weeks: what each trains, and that no day knows what comes after it."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ops.simulate import loop, report
from ops.simulate.days import Day, days, months_at_hand
from ops.simulate.loop import Loop, Step, Trainer
from workloads.data.months import DataError, file_name
from workloads.drift import calibration
from workloads.drift.shifts import slow_traffic
from workloads.training import model

FIRST = date(2024, 3, 4)  # a Monday


def made_day(number: int) -> Day:
    """Rides whose duration follows their distance, most of them alike on all days."""
    rng = np.random.default_rng(number)
    count = 150
    start = pd.Timestamp(FIRST) + timedelta(days=number)
    miles = rng.gamma(2, 1.5, count)
    frame = pd.DataFrame(
        {
            "PULocationID": rng.choice([74, 75, 41, 42, 166], count),
            "DOLocationID": rng.choice([74, 75, 41, 42, 238], count),
            "trip_distance": miles,
            "lpep_pickup_datetime": start
            + pd.to_timedelta(np.sort(rng.integers(0, 86_400, count)), unit="s"),
            "passenger_count": rng.integers(1, 4, count).astype(float),
            "minutes": np.clip(4 + 4 * miles + rng.normal(0, 2, count), 1, 60),
        }
    )
    return Day(day=start.date(), rides=frame)


@pytest.fixture
def weeks(monkeypatch: pytest.MonkeyPatch) -> list[Day]:
    """Nine weeks; in the last two every ride takes longer."""
    monkeypatch.setattr(model, "MAX_ROUNDS", 12)
    monkeypatch.setattr(calibration, "DRAWS", 60)
    monkeypatch.setattr(loop, "COOLDOWN_DAYS", 6)
    made = [made_day(number) for number in range(63)]
    return [*made[:49], *(Day(day=each.day, rides=slow_traffic(each.rides)) for each in made[49:])]


def trained_on(steps: Sequence[Step]) -> list[str]:
    return [step.day for step in steps if step.trained]


def test_policies(weeks: list[Day]) -> None:
    trainer = Trainer(weeks)
    found = {name: Loop(name, weeks, trainer).run() for name in loop.POLICIES}
    assert trained_on(found["never"]) == []
    assert trained_on(found["weekly"]) == ["2024-04-21", "2024-04-28", "2024-05-05"]
    assert trained_on(found["performance"])[0] >= "2024-04-22"
    mean = {name: report.figures(steps)["mean_rmse"] for name, steps in found.items()}
    assert mean["performance"] < mean["never"]
    assert {len(steps) for steps in found.values()} == {21}


def test_no_day_knows_the_future(weeks: list[Day]) -> None:
    """The days before the shift come out alike, whatever follows."""
    short = Loop("weekly", weeks[:46], Trainer(weeks[:46])).run()
    assert Loop("weekly", weeks[:50], Trainer(weeks[:50])).run()[: len(short)] == short


def test_report(weeks: list[Day], tmp_path: Path) -> None:
    steps = Loop("never", weeks[:44], Trainer(weeks)).run()
    better = [Step(**{**vars(step), "rmse": step.rmse - 1, "trained": False}) for step in steps]
    weekly = [Step(**{**vars(step), "trained": True}) for step in steps]
    found = report.document({"weekly": weekly, "drift": better}, ["2024-03"], [])
    assert found["verdict"].startswith("on drift: 1.000 minutes RMSE better than weekly, with 0 trainings of")
    assert found["policies"]["weekly"]["false_alarms"] == 2
    columns = report.by_month({"weekly": weekly, "drift": better}).columns
    month, of_weekly, of_drift = ([*each.cells] for each in columns)
    assert month == ["2024-04"]
    assert float(str(of_weekly[0])) - float(str(of_drift[0])) == pytest.approx(1, abs=0.001)
    report.plot({"weekly": weekly, "drift": better}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("trainings", "worse", "ends"),
    [
        (2, -0.1, "met"),
        (2, 0.1, "missed by 0.100 minutes"),
        (5, -0.1, "missed by 3 trainings"),
        (5, 0.1, "missed by 0.100 minutes and 3 trainings"),
    ],
)
def test_verdict_says_by_how_much(trainings: int, worse: float, ends: str) -> None:
    """The goal is an error no higher than that of every week, at a quarter of its trainings."""
    found = {"weekly": policy_steps(8, 4.0), "drift": policy_steps(trainings, 4.0 + worse)}
    words = report.verdict(found)  # type: ignore[arg-type]  # of the policies, two
    assert words.endswith(f"; the goal, no worse with 2 trainings at most (25%), is {ends}")
    assert f"with {trainings} trainings of its 8" in words


def policy_steps(trainings: int, rmse: float) -> list[Step]:
    """Ten days, the first of which have a training each."""
    of_all = {"day": "2024-03-04", "rides": 100, "rmse": rmse, "drift": False, "performance": False}
    return [Step(**of_all, trained=number < trainings, promoted=False) for number in range(10)]  # type: ignore[arg-type]


def test_months_at_hand(tmp_path: Path) -> None:
    for month in ("2023-01", "2023-03"):
        (tmp_path / file_name(month)).touch()
    assert months_at_hand(tmp_path, "2023-01", "2023-04") == (["2023-01", "2023-03"], ["2023-02", "2023-04"])
    with pytest.raises(DataError, match=r"has 1 of the months from 2023-01 to 2023-02; two are needed"):
        months_at_hand(tmp_path, "2023-01", "2023-02")


def test_unknown_shift(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--shift: got 'fog', allowed: distance-unit, zone-remap"):
        days(tmp_path, ["2023-01"], shift="fog")
