"""`python -m benchmarks.calibration`: how often days without a shift are reported.

A month's blocks of three hours are divided at random into four parts. Three are the reference, from which the
thresholds come; days without a shift are made of the fourth, which neither has seen. Each part takes its
turn, the division is repeated, and six real months take part. A month's margins come from the other five, so
that no share rests on days that it was fitted to. Margins of few months are too low for another one, as are
thresholds of few days: all are raised by one factor, which leaving out one month after the other gives.
"""

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.months import predicted_months
from workloads.drift import calibration
from workloads.drift.bins import Numbers, describe
from workloads.drift.calendar import DAYS_A_WEEK, KINDS, DayKind, kind
from workloads.drift.calibration import (
    BLOCKS,
    FAMILIES,
    RATES,
    calibrate,
    draw,
    places,
    quantiles,
    spread,
)
from workloads.drift.cells import Layout
from workloads.drift.profile import day_cells, usual
from workloads.drift.statistics import compare

PARTS = 4
Ratios = dict[tuple[str, float], Numbers]  # by family and rate; of shape days x checks


def main() -> None:
    """Prints the shares of alarmed days, and the margins that the months give."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("MLOPS_DATA_DIR"))
    parser.add_argument("--divisions", type=int, default=6)
    parser.add_argument("--days", type=int, default=20, help="weeks of simulated days for each part")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    for check in calibration.MARGINS:
        calibration.MARGINS[check] = (1.0,) * len(RATES)
    found = {}
    for month, rides in predicted_months(arguments.data):
        console.print(f"{month}: {len(rides)} rides")
        found[month] = month_ratios(rides, arguments.divisions, arguments.days)
    print(json.dumps(summary(found), indent=1))


def summary(found: dict[str, Ratios]) -> dict[str, dict[str, object]]:
    """By family and rate: margins, and the share of alarmed days with those of the other months."""
    answer: dict[str, dict[str, object]] = {}
    for family, rate in next(iter(found.values())):
        ratios = {month: each[family, rate] for month, each in found.items()}
        every = np.concatenate(list(ratios.values()))
        checks = [check for check in calibration.MARGINS if calibration.family(check) == family]
        shares = {
            month: float(np.mean((own > margins(_without(ratios, month), rate)).any(1)))
            for month, own in ratios.items()
        }
        answer[f"{family} {rate:.0%}"] = {
            "margins": dict(zip(checks, margins(ratios, rate).round(3).tolist(), strict=True)),
            "days": len(every),
            "share without margin": round(float(np.mean((every > 1).any(1))), 4),
            "share": round(float(np.mean(list(shares.values()))), 4),
            "share by month": {month: round(share, 4) for month, share in shares.items()},
        }
    return answer


def margins(ratios: Mapping[str, Numbers], rate: float) -> Numbers:
    """By how much each check's threshold has to be higher, for months that are not among these."""
    passed = [(own / _margins(_without(ratios, month), rate)).max(1) for month, own in ratios.items()]
    raised = max(float(np.quantile(np.concatenate(passed), 1 - rate)) - 1, 0)
    # What was left out came from one month less than the margins do now, and needed that much more.
    return (1 + raised * (len(ratios) - 1) / len(ratios)) * _margins(ratios, rate)


def _margins(ratios: Mapping[str, Numbers], rate: float) -> Numbers:
    found: Numbers = np.maximum(quantiles(np.concatenate(list(ratios.values())), rate), 1)
    return found


def _without(ratios: Mapping[str, Numbers], month: str) -> Mapping[str, Numbers]:
    return {name: each for name, each in ratios.items() if name != month}


def month_ratios(rides: pd.DataFrame, divisions: int, weeks: int) -> Ratios:
    """By family and rate, for each simulated day the ratio of each check's distance to its threshold."""
    rides = rides[usual(rides)]
    layout = Layout(describe(rides))
    days, cells = day_cells(layout, rides)
    kinds = [kind(day) for day in days]
    rng = np.random.default_rng(1)
    found: dict[tuple[str, float], list[Numbers]] = {}
    for part in _parts(kinds, divisions, rng):
        for key, ratios in _judge(layout, cells, kinds, part, weeks, rng):
            found.setdefault(key, []).append(ratios)
    return {key: np.concatenate(ratios) for key, ratios in found.items()}


def _parts(kinds: list[DayKind], divisions: int, rng: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Which blocks of which days are held out, days x blocks."""
    for _ in range(divisions):
        part = np.zeros((len(kinds), BLOCKS), int)
        for name in KINDS:
            days = np.flatnonzero([each == name for each in kinds])
            for block in range(BLOCKS):
                part[rng.permutation(days), block] = (np.arange(len(days)) + rng.integers(PARTS)) % PARTS
        yield from (part == number for number in range(PARTS))


def _judge(
    layout: Layout,
    cells: Numbers,
    kinds: list[DayKind],
    held_out: NDArray[np.bool_],
    weeks: int,
    rng: np.random.Generator,
) -> Iterator[tuple[tuple[str, float], Numbers]]:
    """The ratios of days of the held-out blocks to thresholds of the others."""
    known = {name: _compact(cells, kinds, name, ~held_out) for name in KINDS}
    labels = [name for name in KINDS for _ in range(len(known[name]))]
    fitted = calibrate(layout, np.concatenate(list(known.values())), labels, seed=7)
    for name, a_week in zip(KINDS, DAYS_A_WEEK, strict=True):
        fresh = _compact(cells, kinds, name, held_out)
        if name not in fitted.between or not len(fresh):
            continue
        rows = draw(fresh, weeks * a_week, rng)
        distance, chance = compare(layout, rows, known[name].sum((0, 1)))
        expected = chance + fitted.between[name] * spread(len(known[name]))
        for family in FAMILIES:
            checks = places(layout, family)
            for rate in RATES:
                limits = fitted.highest(family, rate)
                yield (family, rate), distance[:, checks] / expected[:, checks] / limits


def _compact(cells: Numbers, kinds: list[DayKind], name: DayKind, chosen: NDArray[np.bool_]) -> Numbers:
    """The chosen blocks of days of a kind as if they were of as many whole days: days x blocks x width."""
    of_kind = np.array([each == name for each in kinds])
    columns = [cells[of_kind & chosen[:, block], block] for block in range(BLOCKS)]
    days = min(map(len, columns))
    return np.stack([column[:days] for column in columns], axis=1)


if __name__ == "__main__":
    main()
