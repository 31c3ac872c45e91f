"""Rides counted: a row holds the counts of every bin, and sums of the errors of completed rides."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.drift.bins import Bins, Numbers, columns

SUMS = 4  # completed rides, and the sums of their errors to the powers of 1, 2 and 4


@dataclass(frozen=True)
class Layout:
    """Where in a row the counts of each column's bins lie; the sums come after them."""

    bins: tuple[Bins, ...]

    @property
    def width(self) -> int:
        """The length of a row."""
        return sum(each.size for each in self.bins) + SUMS

    def spans(self) -> list[slice]:
        """The place of each column's bins."""
        ends = np.cumsum([each.size for each in self.bins]).tolist()
        return [slice(end - each.size, end) for each, end in zip(self.bins, ends, strict=True)]

    def count(self, rides: pd.DataFrame) -> Numbers:
        """The row of all rides, of shape 1 x width."""
        return self.cells(rides, np.zeros(len(rides), np.int64), 1)

    def cells(self, rides: pd.DataFrame, cell: NDArray[np.int64], count: int) -> Numbers:
        """A row for each of `count` cells; `cell` says for each ride to which it belongs."""
        rows = np.zeros((count, self.width))
        values = columns(rides)
        for bins, span in zip(self.bins, self.spans(), strict=True):
            codes = bins.codes(values[bins.column])
            known = codes >= 0
            np.add.at(rows, (cell[known], span.start + codes[known]), 1)
        error = values["predicted_minutes"] - values["minutes"]
        known = ~np.isnan(error)
        for place, power in enumerate((0, 1, 2, 4)):
            column = rows[:, self.width - SUMS + place]
            np.add.at(column, cell[known], error[known] ** power)
        return rows
