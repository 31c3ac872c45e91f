"""A day held against a reference: every check with its effect, its threshold and whether it is above."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workloads.drift import quality
from workloads.drift.calendar import is_holiday, kind
from workloads.drift.calibration import family, places, spread
from workloads.drift.cells import SUMS
from workloads.drift.profile import Profile
from workloads.drift.statistics import BIAS, RANK, RMSE, ROTATION, compare, names

MIN_RIDES = 100  # fewer say nothing of a day
MEASURES = {
    ROTATION: "Jensen-Shannon distance that other hours explain",
    RANK: "mean rank among the reference's, from its middle",
    BIAS: "minutes from the reference's",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check of a day.

    Args:
        check: A column, `mean error`, `RMSE`, or a defect.
        family: `drift`, `performance` or `quality`.
        measure: What `value`, `threshold` and `effect` are.
        value: What the day has.
        threshold: The highest value that counts as no shift, for as many rides as the day has.
        effect: What is left of the value without what chance gives for so many rides.
        shifted: Whether the value is above the threshold.
    """

    check: str
    family: str
    measure: str
    value: float
    threshold: float
    effect: float
    shifted: bool


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was found on a day; `not_judged` says why drift or performance was not, by family."""

    day: str
    rides: int
    completed: int
    findings: tuple[Finding, ...]
    not_judged: dict[str, str]

    def shifted(self, family: str) -> list[str]:
        """The checks of a family that are above their thresholds."""
        return [each.check for each in self.findings if each.family == family and each.shifted]

    def document(self) -> dict[str, Any]:
        """The judgement as JSON."""
        return asdict(self)


def judge(
    profile: Profile, rides: pd.DataFrame, day: date, *, drift_rate: float, performance_rate: float
) -> Judgement:
    """Holds a day's rides against a reference.

    Args:
        profile: The reference.
        rides: The columns that `bins.columns` names; `minutes` is missing in rides without a completion.
        day: The day of the pickups.
        drift_rate: The share of days without a shift on which any check of data drift may be above its own.
        performance_rate: The same of performance.
    """
    row = profile.layout.count(rides)
    completed = int(row[0, -SUMS])
    counts = {"drift": len(rides), "performance": completed}
    not_judged = {name: why for name, count in counts.items() if (why := _why_not(profile, day, count))}
    findings = _quality(profile, rides)
    for name, rate in (("drift", drift_rate), ("performance", performance_rate)):
        if name not in not_judged:
            findings += _compared(profile, row, day, name, rate)
    return Judgement(
        day=day.isoformat(),
        rides=len(rides),
        completed=completed,
        findings=tuple(findings),
        not_judged=not_judged,
    )


def _why_not(profile: Profile, day: date, count: int) -> str:
    if count < MIN_RIDES:
        return f"{count} rides, {MIN_RIDES} are needed"
    if is_holiday(day):
        return "a holiday, which is like no day of the reference"
    if kind(day) not in profile.calibration.between:
        return f"the reference has no two days of the kind {kind(day)}"
    return ""


def _quality(profile: Profile, rides: pd.DataFrame) -> list[Finding]:
    found = quality.shares(rides, profile.zones)
    return [
        Finding(
            check=name,
            family="quality",
            measure="share of the rides",
            value=share,
            threshold=profile.limits[name],
            effect=share,
            shifted=len(rides) >= MIN_RIDES and share > profile.limits[name],
        )
        for name, share in found.items()
    ]


def _compared(profile: Profile, row: Any, day: date, of: str, rate: float) -> list[Finding]:
    reference = profile.rows[kind(day)]
    distances, chances = (each[0] for each in compare(profile.layout, row, reference))
    between = profile.calibration.between[kind(day)] * spread(profile.days[kind(day)])
    highest = profile.calibration.highest(of, rate)
    checks = names(profile.layout)
    findings = []
    for number, place in enumerate(places(profile.layout, of)):
        limit = highest[number] * (chances[place] + between[place])
        readable = _readable(checks[place], row[0], reference, distances[place], limit, chances[place])
        findings.append(
            Finding(
                check=checks[place],
                family=family(checks[place]),
                shifted=bool(distances[place] > limit),
                **readable,
            )
        )
    return findings


def _readable(
    check: str, row: Any, reference: Any, distance: float, limit: float, chance: float
) -> dict[str, Any]:
    """The squared distance, its limit and what chance gives, in the check's own measure."""
    root, highest, effect = (float(np.sqrt(max(each, 0))) for each in (distance, limit, distance - chance))
    if check == RMSE:
        (square, usual) = (float(each[-2] / max(each[-SUMS], 1)) for each in (row, reference))
        figures = np.sqrt([square, usual + highest, usual])
        return {
            "measure": "minutes",
            "value": float(figures[0]),
            "threshold": float(figures[1]),
            "effect": float(figures[0] - figures[2]),
        }
    measure = MEASURES.get(check, "Jensen-Shannon distance")
    return {"measure": measure, "value": root, "threshold": highest, "effect": effect}
