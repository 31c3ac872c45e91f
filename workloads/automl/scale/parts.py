"""A training's rides in parts, each of which fits into memory, and what is known of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.zones import zones
from workloads.training.features import describe, matrix
from workloads.training.model import EARLY_STOPPING_SHARE, first_late_day

Days = NDArray[np.datetime64]


class Parts(Protocol):
    """Rides by the names of their parts; Dask's workers get it as a copy, and read parts by themselves."""

    @property
    def names(self) -> Sequence[str]:
        """The parts in the order of time."""

    def rides(self, name: str) -> pd.DataFrame:
        """A part's, as `workloads.data.quality.rides` gives them."""

    def checksum(self, name: str) -> str:
        """Of what the part was read from; empty where there is none."""


@dataclass(frozen=True)
class Part:
    """Rides as XGBoost takes them.

    Args:
        values: Rides x features.
        minutes: Of each ride.
        days: On which each ride began.
    """

    values: NDArray[np.float32]
    minutes: NDArray[np.float32]
    days: Days

    def of(self, chosen: NDArray[np.bool_] | slice) -> "Part":
        """Some of the rides."""
        return Part(self.values[chosen], self.minutes[chosen], self.days[chosen])

    def share(self, number: int, count: int) -> "Part":
        """The `number`th of `count` pieces, each of which has rides of all days."""
        return self.of(slice(number, None, count))


@dataclass(frozen=True)
class Extent:
    """How many rides a part has, on which days, when the first began, and the checksum of its file."""

    rows: int
    days: Days
    start: datetime
    checksum: str


def read(parts: Parts, name: str) -> tuple[Part, Extent]:
    """A part as XGBoost takes it."""
    rides = parts.rides(name)
    pickups = rides["lpep_pickup_datetime"]
    days = pickups.to_numpy("datetime64[D]")
    part = Part(matrix(rides, describe(), zones()), rides["minutes"].to_numpy(np.float32), days)
    return part, Extent(len(rides), np.unique(days), pickups.min().to_pydatetime(), parts.checksum(name))


def late_from(extents: Sequence[Extent]) -> np.datetime64:
    """The day from which on rides decide the number of rounds alone."""
    return first_late_day(np.concatenate([extent.days for extent in extents]), EARLY_STOPPING_SHARE)
