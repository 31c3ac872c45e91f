"""The loop, a day at a time: predict, judge, perhaps train, perhaps promote.

What a day may know is what had happened before it. A training takes the newest days at hand: of the last
`NEWEST_DAYS` every second one to compare with the current model on, which also become the new version's
reference, and the others with the `OLDER_DAYS` before them to fit. Were the newest days all kept back, the
loop would learn of a sudden change weeks later. Where months are missing the next day at hand follows at
once, and for some weeks the window holds days from before the gap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ops.simulate.days import Day
from workloads.drift.judgement import judge
from workloads.drift.profile import Profile, profile
from workloads.training.bootstrap import gain
from workloads.training.model import Model, fit
from workloads.training.promotion import Margin, beats_current

NEWEST_DAYS, OLDER_DAYS = 28, 14
WEEK = 7  # between trainings of the weekly policy; and what the others wait for after an alarm, to learn from
COOLDOWN_DAYS = 14  # until half of the newest days are new
Policy = Literal["never", "weekly", "drift", "performance"]
POLICIES: tuple[Policy, ...] = ("never", "weekly", "drift", "performance")


@dataclass(frozen=True, kw_only=True)
class Version:
    """A fitted model with its reference, and the predictions of its validation window."""

    model: Model
    reference: Profile
    window: pd.DataFrame
    predicted: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happened on a day.

    Args:
        day: YYYY-MM-DD.
        rides: How many.
        rmse: Of the version that served them, in minutes.
        drift: Whether data drift was found.
        performance: Whether worse performance was found.
        trained: Whether a version was trained at its end.
        promoted: Whether that version took over.
    """

    day: str
    rides: int
    rmse: float
    drift: bool
    performance: bool
    trained: bool
    promoted: bool


class Trainer:
    """Trains versions on the days at hand; the same days give the same version, which is kept."""

    def __init__(self, days: Sequence[Day]) -> None:
        self._days = days
        self._versions: dict[int, Version] = {}

    def version(self, end: int) -> Version:
        """The version of the days before number `end`."""
        if end not in self._versions:
            start = end - NEWEST_DAYS
            older = self._days[max(start - OLDER_DAYS, 0) : start]
            model = fit(_rides([*older, *self._days[start:end:2]]))
            window = _rides(self._days[start + 1 : end : 2])
            predicted = model.predict(window)
            reference = profile(window.assign(predicted_minutes=predicted.astype(np.float64)))
            self._versions[end] = Version(
                model=model, reference=reference, window=window, predicted=predicted
            )
        return self._versions[end]


@dataclass
class Loop:
    """A policy at work.

    Args:
        policy: When to train.
        days: All days at hand.
        trainer: Where versions come from.
        margin: By how much a version must be better.
        rate: Of false alarms, for data drift and for performance.
    """

    policy: Policy
    days: Sequence[Day]
    trainer: Trainer
    margin: Margin = field(default_factory=Margin)
    rate: float = 0.01

    def run(self, progress: Callable[[], None] = lambda: None) -> list[Step]:
        """Every day after the first window."""
        first = OLDER_DAYS + NEWEST_DAYS
        version, last, steps = self.trainer.version(first), first, []
        alarm: int | None = None  # the first day since the last training on which one was raised
        for number in range(first, len(self.days)):
            each = self.days[number]
            predicted = version.model.predict(each.rides).astype(np.float64)
            found = judge(
                version.reference,
                each.rides.assign(predicted_minutes=predicted),
                each.day,
                drift_rate=self.rate,
                performance_rate=self.rate,
            )
            alarms = {name: bool(found.shifted(name)) for name in ("drift", "performance")}
            alarm = number if alarm is None and alarms.get(self.policy) else alarm
            trained = self._is_due(number + 1, last, alarm)
            promoted = False
            if trained:
                last, alarm = number + 1, None
                candidate = self.trainer.version(last)
                promoted = self._is_better(candidate, version)
                version = candidate if promoted else version
            error = predicted - each.rides["minutes"].to_numpy(np.float64)
            steps.append(
                Step(
                    day=each.day.isoformat(),
                    rides=len(each.rides),
                    rmse=float(np.sqrt(np.mean(error**2))),
                    **alarms,
                    trained=trained,
                    promoted=promoted,
                )
            )
            progress()
        return steps

    def _is_due(self, end: int, last: int, alarm: int | None) -> bool:
        """Whether to train on the days before number `end`; an alarm within the cooldown is not forgotten.

        Args:
            end: See there.
            last: The same of the last training.
            alarm: The number of the day of the first alarm since then.
        """
        if self.policy == "weekly":
            return end - last >= WEEK
        return alarm is not None and end - alarm >= WEEK and end - last >= COOLDOWN_DAYS

    def _is_better(self, candidate: Version, current: Version) -> bool:
        minutes = candidate.window["minutes"].to_numpy(np.float64)
        day = candidate.window["lpep_pickup_datetime"].dt.normalize()
        of_current = current.model.predict(candidate.window)
        found = gain(day, minutes, candidate.predicted, of_current, self.margin.confidence)
        return beats_current(found, self.margin).passed


def _rides(days: Sequence[Day]) -> pd.DataFrame:
    return pd.concat([each.rides for each in days], ignore_index=True)
