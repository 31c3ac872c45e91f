"""Thresholds from the reference's own weeks, for a share of false alarms over all columns together.

Days without a shift are made from the reference: each of a day's blocks of `BLOCK_HOURS` is one of a random
day of the same kind, so that what happens together within hours stays together. Each is compared with the
rest of the reference, without the blocks that it was made of. A check's distance is divided by what is to be
expected: what chance gives for so many rides, and what days of that kind differ by among themselves. The
ratios of these days are the null distribution; the thresholds are the quantiles of each check at one level,
which is chosen so that the share of days on which any check of a family is above its own is the rate that was
asked for (the min-p procedure of Westfall and Young, "Resampling-Based Multiple Testing", 1993).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workloads.drift.bins import Numbers
from workloads.drift.calendar import DAYS_A_WEEK, KINDS, DayKind
from workloads.drift.cells import Layout
from workloads.drift.statistics import BIAS, RANK, RMSE, ROTATION, compare, names

BLOCK_HOURS = 3
BLOCKS = 24 // BLOCK_HOURS
DRAWS = 1500  # weeks of days without a shift
RATES = (0.01, 0.02, 0.05, 0.1)  # of false alarms; what lies between is interpolated
PERFORMANCE = ("minutes", BIAS, RMSE)  # the checks that need completed rides; the others are `drift`
FAMILIES = ("drift", "performance")
# A month has few days of each kind, and the next one's rarest hours are not among them: thresholds from a
# month's own days are too low for other days. By how much, for each of `RATES`, was measured by
# benchmarks/calibration.py on blocks that neither the reference nor its thresholds had seen.
MARGINS: dict[str, tuple[float, ...]] = {
    "PULocationID": (1.19, 1.202, 1.136, 1.072),
    "DOLocationID": (1.061, 1.043, 1.019, 1.002),
    "trip_distance": (1.088, 1.069, 1.024, 1.01),
    "pickup_hour": (1.895, 1.886, 1.794, 1.408),
    "passenger_count": (1.074, 1.081, 1.014, 1.002),
    "predicted_minutes": (1.075, 1.062, 1.06, 1.024),
    ROTATION: (1.039, 1.029, 1.014, 1.0),
    RANK: (1.139, 1.166, 1.075, 1.038),
    "minutes": (1.051, 1.04, 1.0, 1.0),
    BIAS: (1.158, 1.164, 1.111, 1.12),
    RMSE: (1.836, 1.663, 1.253, 1.175),
}


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What days of the reference differ by.

    Args:
        between: By kind of day, for each check the mean squared distance that chance does not explain.
        thresholds: By family, for each of `RATES` the highest ratio that counts as no shift, by check.
    """

    between: Mapping[DayKind, Numbers]
    thresholds: Mapping[str, Numbers]

    def highest(self, family: str, rate: float) -> Numbers:
        """The thresholds of a family at a rate between the first and the last of `RATES`."""
        logs = np.log(self.thresholds[family])
        return np.exp([np.interp(np.log(rate), np.log(RATES), column) for column in logs.T])


def family(check: str) -> str:
    """`drift` or `performance`."""
    return "performance" if check in PERFORMANCE else "drift"


def places(layout: Layout, of: str) -> list[int]:
    """Where the checks of a family are among all."""
    return [place for place, name in enumerate(names(layout)) if family(name) == of]


def calibrate(layout: Layout, cells: Numbers, kinds: Sequence[DayKind], seed: int) -> Calibration:
    """The calibration of a reference.

    Args:
        layout: The place of the counts.
        cells: Of shape days x `BLOCKS` x width.
        kinds: The kind of each day; two days of a kind at least, or it has no calibration.
        seed: Of the random draws.
    """
    rng = np.random.default_rng(seed)
    ratios, between = [], {}
    drawn = {}
    for kind, a_week in zip(KINDS, DAYS_A_WEEK, strict=True):
        of_kind = cells[[each == kind for each in kinds]]
        if len(of_kind) > 1:
            days = draw(of_kind, DRAWS * a_week, rng)
            distance, chance = compare(layout, days, of_kind.sum((0, 1)) - days)
            drawn[kind] = (distance, chance, spread(len(of_kind) - 1))
    everywhere = _between(list(drawn.values()))
    for kind, each in drawn.items():
        between[kind] = np.maximum(_between([each]), everywhere)
        distance, chance, wider = each
        ratios.append(distance / (chance + between[kind] * wider))
    null = np.vstack(ratios)
    return Calibration(
        between=between,
        thresholds={name: thresholds(null, layout, name) for name in FAMILIES},
    )


def draw(of_kind: Numbers, count: int, rng: np.random.Generator) -> Numbers:
    """Rows of days without a shift, made of blocks of days of one kind: count x width."""
    days = rng.integers(len(of_kind), size=(count, of_kind.shape[1]))
    rows = np.zeros((count, of_kind.shape[2]))
    for block in range(of_kind.shape[1]):
        rows += of_kind[days[:, block], block]
    return rows


def spread(days: int) -> float:
    """By what factor a new day is farther from the mean of so many days than from the true mean, squared."""
    return 1 + 1 / days


def _between(drawn: Sequence[tuple[Numbers, Numbers, float]]) -> Numbers:
    excess = np.vstack([(distance - chance) / wider for distance, chance, wider in drawn])
    mean: Numbers = np.maximum(excess.mean(0), 0)
    return mean


def thresholds(null: Numbers, layout: Layout, of: str) -> Numbers:
    """The thresholds of a family's checks at each rate, from the ratios of days without a shift."""
    checks = places(layout, of)
    margins = np.array([MARGINS[names(layout)[place]] for place in checks])
    found = np.array([quantiles(null[:, checks], rate) for rate in RATES]) * margins.T
    # What differs by less than expected is no shift, whatever the days of one reference say.
    raised: Numbers = np.maximum(found, 1)
    return raised


def quantiles(ratios: Numbers, rate: float) -> Numbers:
    """Each check's quantile at the one level at which any is passed on that share of the days."""
    above = 1 - (pd.DataFrame(ratios).rank(method="min").to_numpy() - 1) / len(ratios)
    found: Numbers = np.quantile(ratios, 1 - np.quantile(above.min(1), rate), axis=0)
    return found
