"""Millions of rides: the real months that there are, and where they end, rides drawn from them."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from workloads.data.months import DataError
from workloads.data.quality import rides

PART_ROWS = 250_000  # of what is drawn
MONTHS = ("2021-01", "2021-02", "2022-01", "2023-01", "2023-02", "2023-03", "2025-01")


@cache
def real(folder: Path) -> pd.DataFrame:
    """The rides of all months in the folder that there are."""
    found = [(folder / f"green_tripdata_{month}.parquet", month) for month in MONTHS]
    frames = [rides(path, month).frame for path, month in found if path.exists()]
    if not frames:
        raise DataError(f"MLOPS_DATA_DIR: {folder} has none of TLC's months {', '.join(MONTHS)}")
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class DrawnParts:
    """So many rides in parts; see `workloads.automl.scale.parts.Parts`.

    The first parts are the real rides. What is drawn is a real ride at its own time, with the distance and
    the minutes changed by some percent.
    """

    rows: int
    folder: Path = Path(os.environ.get("MLOPS_DATA_DIR", "."))

    @property
    def names(self) -> list[str]:
        """By the number of the part's first ride."""
        return [str(first) for first in range(0, self.rows, PART_ROWS)]

    def rides(self, name: str) -> pd.DataFrame:
        """A part's rides."""
        known, first = real(self.folder), int(name)
        count = min(PART_ROWS, self.rows - first)
        own = known.iloc[first : first + count]
        random = np.random.default_rng(first)
        drawn = known.iloc[np.sort(random.integers(0, len(known), count - len(own)))]
        by = random.lognormal(0, 0.05, (2, len(drawn)))
        changed = drawn.assign(
            trip_distance=drawn["trip_distance"] * by[0], minutes=np.clip(drawn["minutes"] * by[1], 1, 60)
        )
        return pd.concat([own, changed], ignore_index=True)

    def checksum(self, name: str) -> str:
        """None: there is no file."""
        del name
        return ""
