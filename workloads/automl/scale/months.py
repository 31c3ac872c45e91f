"""The months of a training as its parts: whoever needs one looks for its file by itself."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workloads.data.fetch import fetch
from workloads.data.months import valid_month
from workloads.data.quality import require, rides


def months_until(month: str, count: int) -> tuple[str, ...]:
    """`count` months in a row, the last of them `month`.

    Raises:
        MonthError: one is before the data set's first.
    """
    last = int(month[:4]) * 12 + int(month[5:]) - 1
    numbers = range(last - count + 1, last + 1)
    return tuple(valid_month(f"{number // 12}-{number % 12 + 1:02}") for number in numbers)


@dataclass(frozen=True, kw_only=True)
class MonthParts:
    """Months by name; see `workloads.data.fetch.fetch` for where their files are looked for."""

    names: tuple[str, ...]
    data: Path | None
    bucket: str
    allow_synthetic: bool

    def rides(self, name: str) -> pd.DataFrame:
        """The month's.

        Raises:
            DataError: its file cannot be had, is damaged, or is no whole month.
        """
        path = self._file(name)
        found = rides(path, name)
        require(found.checks(), path)
        return found.frame

    def checksum(self, name: str) -> str:
        """SHA-256 of the month's file."""
        return hashlib.sha256(self._file(name).read_bytes()).hexdigest()

    def _file(self, name: str) -> Path:
        found = fetch(
            [name],
            data=self.data,
            environ=os.environ,
            allow_synthetic=self.allow_synthetic,
            bucket=self.bucket,
        )
        return found.files[name]
