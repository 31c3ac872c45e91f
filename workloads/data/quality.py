"""Which trips of a month count as rides, why the others do not, and whether a file is the month it says.

The limits of the green taxis (`dataset.Rules`) come from seven of TLC's months from January 2021 to January
2025. They have 46,000 to 74,000 rides, at least 256 on every day; at most 0.09 % of trips lie outside the
month; 3 to 5 % are rejected, nearly all for their duration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.dataset import GREEN, Dataset
from workloads.data.months import DataError, valid_month
from workloads.data.trips import read

REASONS = (
    "missing_time",
    "outside_month",
    "invalid_zone",
    "invalid_distance",
    "invalid_passenger_count",
    "too_short",
    "too_long",
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One condition on data or on a model, with the figure that it was judged by."""

    name: str
    found: str
    required: str
    passed: bool

    def __str__(self) -> str:
        return f"{self.name}: got {self.found}, required: {self.required}"


@dataclass(frozen=True, kw_only=True)
class Rides:
    """A month's rides, and what is known of the trips that were rejected.

    Args:
        month: As YYYY-MM.
        frame: The rides in the order of their pickups: the columns of `trips.COLUMNS`, the zones as integers,
            and `minutes`.
        rejected: The number of rejected trips by reason; the first reason of each trip counts.
        trips: The rejected trips, with their `reason`.
        dataset: Whose trips they are.
    """

    month: str
    frame: pd.DataFrame
    rejected: Mapping[str, int]
    trips: pd.DataFrame
    dataset: Dataset = GREEN

    @property
    def days(self) -> int:
        """The days with at least as many rides as the data set's rules want."""
        counts = self.frame["lpep_pickup_datetime"].dt.day.value_counts()
        return int((counts >= self.dataset.rules.min_rides_a_day).sum())

    def checks(self) -> list[Check]:
        """Whether this is a whole month of usable data, and the month that it is said to be."""
        trips = len(self.frame) + sum(self.rejected.values())
        outside = self.rejected["outside_month"] / max(trips, 1)
        rejected = sum(self.rejected.values()) / max(trips, 1)
        rides, rules = len(self.frame), self.dataset.rules
        return [
            Check(
                name=f"rides of {self.month}",
                found=f"{rides}",
                required=f"at least {rules.min_rides}",
                passed=rides >= rules.min_rides,
            ),
            Check(
                name=f"days of {self.month} with {rules.min_rides_a_day} rides",
                found=f"{self.days}",
                required=f"at least {rules.min_days}",
                passed=self.days >= rules.min_days,
            ),
            _share(f"trips outside {self.month}", outside, rules.max_share_outside_month),
            _share(f"trips of {self.month} that were rejected", rejected, rules.max_share_rejected),
        ]


def rides(path: Path, month: str, dataset: Dataset = GREEN) -> Rides:
    """The rides in a month's file.

    Raises:
        DataError: see `trips.read`; MonthError: `month` is not valid.
    """
    trips = read(path, dataset)
    took = trips["lpep_dropoff_datetime"].to_numpy() - trips["lpep_pickup_datetime"].to_numpy()
    trips["minutes"] = took / np.timedelta64(1, "m")
    reason = _reasons(trips, valid_month(month, dataset), dataset)
    accepted = trips[reason == ""].astype({"PULocationID": "int64", "DOLocationID": "int64"})
    return Rides(
        month=month,
        frame=accepted.sort_values("lpep_pickup_datetime", kind="stable", ignore_index=True),
        rejected={name: int((reason == name).sum()) for name in REASONS},
        trips=trips[reason != ""].assign(reason=reason[reason != ""]),
        dataset=dataset,
    )


def require(checks: list[Check], path: Path) -> None:
    """Nothing if all checks passed.

    Raises:
        DataError: the checks that did not.
    """
    failed = [str(check) for check in checks if not check.passed]
    if failed:
        raise DataError(f"{path}: {'; '.join(failed)}; use TLC's own file of the month")


def _reasons(trips: pd.DataFrame, month: str, dataset: Dataset) -> NDArray[np.str_]:
    """For each trip the first of `REASONS` that applies to it, "" for a ride."""
    pickup, minutes, passengers = trips.lpep_pickup_datetime, trips.minutes, trips.passenger_count
    first = pd.Timestamp(f"{month}-01")
    rules, (shortest, longest) = dataset.rules, dataset.rules.minutes
    zones = trips[["PULocationID", "DOLocationID"]]
    conditions = (
        trips[["lpep_pickup_datetime", "lpep_dropoff_datetime"]].isna().any(axis=1),
        ~pickup.between(first, first + pd.offsets.MonthBegin(), inclusive="left"),
        ~(((zones >= 1) & (zones <= rules.max_zone) & (zones % 1 == 0)).all(axis=1)),
        ~trips.trip_distance.between(0, rules.max_miles),
        ~(passengers.isna() | ((passengers >= 0) & (passengers % 1 == 0))),
        minutes < shortest,
        minutes > longest,
    )
    return np.select(conditions, REASONS, "")


def _share(name: str, share: float, limit: float) -> Check:
    return Check(name=name, found=f"{share:.2%}", required=f"at most {limit:.0%}", passed=share <= limit)
