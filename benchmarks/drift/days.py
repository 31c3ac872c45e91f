"""Days without a shift, made of blocks of hours of a real month, and the same with one of six shifts.

A quarter of the blocks is held out: the reference consists of the others, the simulated days of that quarter,
so that neither checker has seen the rides that it judges. Each quarter takes its turn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from workloads.drift.calendar import DAYS_A_WEEK, KINDS, DayKind, is_holiday, kind
from workloads.drift.calibration import BLOCK_HOURS, BLOCKS
from workloads.drift.shifts import SHIFTS

NO_SHIFT = ""
PARTS = 4
_FIRST_DATE = date(2015, 1, 5)  # of made-up days: their weekday counts, and that they are no holidays
Blocks = Mapping[DayKind, Sequence[Sequence[pd.DataFrame]]]  # by kind and block, the rides of each day


@dataclass(frozen=True, kw_only=True)
class Day:
    """A simulated day; `shift` is the name of what was done to it, or `NO_SHIFT`."""

    day: date
    shift: str
    rides: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A reference and days that are held against it."""

    reference: pd.DataFrame
    days: Sequence[Day]


def simulate(rides: pd.DataFrame, part: int, *, weeks: int, shifted_weeks: int) -> Simulated:
    """A reference and simulated days of a month.

    Args:
        rides: A month's, with `predicted_minutes` of a model that has not seen them.
        part: Which of the `PARTS` of the blocks is held out.
        weeks: Of days without a shift.
        shifted_weeks: Of days with each of the shifts.
    """
    known, held_out = _divided(rides, part)
    rng = np.random.default_rng(part)
    dates = _dates()
    reference = [
        _on(next(dates[name]), [block[number] for block in blocks])
        for name, blocks in known.items()
        for number in range(min(map(len, blocks)))
    ]
    days = []
    for shift in (NO_SHIFT, *SHIFTS):
        for name, a_week in zip(KINDS, DAYS_A_WEEK, strict=True):
            for _ in range(a_week * (shifted_weeks if shift else weeks)):
                day = next(dates[name])
                drawn = [block[int(rng.integers(len(block)))] for block in held_out[name]]
                made = _on(day, drawn)
                days.append(Day(day=day, shift=shift, rides=SHIFTS[shift][0](made) if shift else made))
    return Simulated(reference=pd.concat(reference, ignore_index=True), days=days)


def _divided(rides: pd.DataFrame, part: int) -> tuple[Blocks, Blocks]:
    """The blocks of the reference, and those of the simulated days."""
    rng = np.random.default_rng(1)  # the same division for each part
    known: dict[DayKind, list[list[pd.DataFrame]]] = {name: [] for name in KINDS}
    held_out: dict[DayKind, list[list[pd.DataFrame]]] = {name: [] for name in KINDS}
    pickup = rides["lpep_pickup_datetime"]
    days = [day for day in sorted(set(pickup.dt.date)) if not is_holiday(day)]
    by_block = dict(list(rides.groupby([pickup.dt.date, pickup.dt.hour // BLOCK_HOURS])))
    for name in KINDS:
        of_kind = [day for day in days if kind(day) == name]
        for block in range(BLOCKS):
            found = [by_block.get((of_kind[place], block)) for place in rng.permutation(len(of_kind))]
            blocks = [each for each in found if each is not None]
            held_out[name].append(blocks[part::PARTS])
            known[name].append([each for place, each in enumerate(blocks) if place % PARTS != part])
    return known, held_out


def _dates() -> Mapping[DayKind, Iterator[date]]:
    """Days of each kind, without holidays, on and on."""

    def of(name: DayKind) -> Iterator[date]:
        day = _FIRST_DATE
        while True:
            if kind(day) == name and not is_holiday(day):
                yield day
            day += timedelta(days=1)

    return {name: of(name) for name in KINDS}


def _on(day: date, blocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The blocks' rides as those of one day."""
    rides = pd.concat(blocks, ignore_index=True)
    pickup = rides["lpep_pickup_datetime"]
    moved: pd.DataFrame = rides.assign(
        lpep_pickup_datetime=pd.Timestamp(day) + (pickup - pickup.dt.normalize())
    )
    return moved
