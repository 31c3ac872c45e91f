"""A model version's reference: what its days look like, and by how much they differ."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.drift import quality
from workloads.drift.bins import ZONES, Bins, Numbers, describe
from workloads.drift.calendar import DayKind, is_holiday, kind
from workloads.drift.calibration import BLOCK_HOURS, BLOCKS, RATES, Calibration, calibrate
from workloads.drift.cells import Layout

SCHEMA = 2
FEW = 0.5  # of the median of its kind: a day with a smaller share of rides is like none


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A reference.

    Args:
        window: Its first and last day.
        rides: How many rides it has; see `usual` for what is left out.
        layout: The bins.
        rows: By kind of day, the counts of its rides.
        days: By kind of day, how many it has.
        calibration: What its days differ by.
        zones: The zones that it has.
        limits: The highest share of each defect that counts as usual.
    """

    window: tuple[str, str]
    rides: int
    layout: Layout
    rows: Mapping[DayKind, Numbers]
    days: Mapping[DayKind, int]
    calibration: Calibration
    zones: Numbers
    limits: Mapping[str, float]

    def document(self) -> dict[str, Any]:
        """The reference as JSON."""
        return {
            "schema": SCHEMA,
            "window": list(self.window),
            "rides": self.rides,
            "rates": list(RATES),
            "bins": [asdict(each) for each in self.layout.bins],
            "rows": {name: row.tolist() for name, row in self.rows.items()},
            "days": dict(self.days),
            "between": {name: each.tolist() for name, each in self.calibration.between.items()},
            "thresholds": {name: each.tolist() for name, each in self.calibration.thresholds.items()},
            "zones": self.zones.tolist(),
            "limits": dict(self.limits),
        }

    def to_json(self) -> bytes:
        """The document's bytes."""
        return json.dumps(self.document(), allow_nan=False).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Profile":
        """The reference of a document.

        Raises:
            ValueError: it is none, or of another schema.
        """
        try:
            found = json.loads(text)
            if found["schema"] != SCHEMA or found["rates"] != list(RATES):
                raise ValueError(f"got schema {found['schema']}, allowed: {SCHEMA}")
            calibration = Calibration(
                between=_arrays(found["between"]), thresholds=_arrays(found["thresholds"])
            )
            return cls(
                window=(found["window"][0], found["window"][1]),
                rides=found["rides"],
                layout=Layout(
                    tuple(Bins(**{**each, "values": tuple(each["values"])}) for each in found["bins"])
                ),
                rows=_arrays(found["rows"]),
                days=found["days"],
                calibration=calibration,
                zones=np.array(found["zones"], np.float64),
                limits=found["limits"],
            )
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"is not a reference ({error!r})") from error


def profile(rides: pd.DataFrame, *, seed: int = 7) -> Profile:
    """The reference that completed rides with their predictions give, of the days that `usual` leaves.

    Args:
        rides: The columns that `bins.columns` names, of one month or more, every ride complete. The model has
            not seen them, or its errors would be too small.
        seed: Of the random draws.
    """
    rides = rides[usual(rides)]
    layout = Layout(describe(rides))
    days, cells = day_cells(layout, rides)
    kinds = [kind(day) for day in days]
    names: Sequence[DayKind] = [name for name in get_args(DayKind) if name in kinds]
    by_day = [group for _, group in rides.groupby(rides["lpep_pickup_datetime"].dt.normalize())]
    return Profile(
        window=(days[0].isoformat(), days[-1].isoformat()),
        rides=len(rides),
        layout=layout,
        rows={name: cells[[each == name for each in kinds]].sum((0, 1)) for name in names},
        days={name: kinds.count(name) for name in names},
        calibration=calibrate(layout, cells, kinds, seed),
        zones=np.unique(rides[list(ZONES)].to_numpy(np.float64)),
        limits=quality.limits(by_day),
    )


def usual(rides: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rides are of days that others can be held against: no holidays, and no storms.

    A day with less than half of the rides that are usual on its kind of day had something of its own.
    """
    days = rides["lpep_pickup_datetime"].dt.date
    count = days.value_counts()
    count = count[[not is_holiday(day) for day in count.index]]
    least = FEW * count.groupby([kind(day) for day in count.index]).transform("median")
    found: NDArray[np.bool_] = days.isin(count.index[count >= least]).to_numpy(bool)
    return found


def day_cells(layout: Layout, rides: pd.DataFrame) -> tuple[list[date], Numbers]:
    """The days of the rides, and the counts of each one's blocks: days x blocks x width."""
    pickup = rides["lpep_pickup_datetime"]
    day = pickup.dt.normalize()
    days = sorted(day.unique())
    cell = np.searchsorted(days, day.to_numpy()) * BLOCKS + pickup.dt.hour.to_numpy() // BLOCK_HOURS
    cells = layout.cells(rides, cell.astype(np.int64), len(days) * BLOCKS)
    return [pd.Timestamp(each).date() for each in days], cells.reshape(len(days), BLOCKS, -1)


def _arrays(document: Mapping[Any, Any]) -> dict[Any, Numbers]:
    return {name: np.array(values, np.float64) for name, values in document.items()}
