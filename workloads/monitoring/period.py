"""A month, or any days, in one report: what the days' reports say one by one, seen together.

Days differ by their weekday, and thresholds are those of days. A period is therefore described, not judged:
it raises no alarm and asks for no training.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workloads.data.months import DataError, MonthError, valid_month
from workloads.data.s3 import Bucket
from workloads.monitoring import reference, regression
from workloads.monitoring.days import parse_day
from workloads.monitoring.evidently_report import render
from workloads.monitoring.ground_truth_files import joined
from workloads.monitoring.history import KEY, History, Row

_LONGEST = 366  # days
_OF_A_DAY = tuple(each.name for each in fields(Row) if each.name not in ("sent", "train_reason"))


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days in a row; `name` is in the report's key."""

    name: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """`YYYY-MM`, or `FIRST..LAST` with days as YYYY-MM-DD.

        Raises:
            MonthError: it is neither, or longer than a year.
        """
        start, dots, end = text.partition("..")
        if not dots:
            month = pd.Period(valid_month(start))
            return cls(name=start, first=month.start_time.date(), last=month.end_time.date())
        first, last = parse_day(start, "PERIOD"), parse_day(end, "PERIOD")
        if not first <= last < first + timedelta(days=_LONGEST):
            raise MonthError(
                f"PERIOD: got {text!r}, allowed: FIRST..LAST, {_LONGEST} days at most, FIRST not after LAST"
            )
        return cls(name=f"{first}_{last}", first=first, last=last)

    def days(self) -> Iterator[date]:
        """Its days, in order."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


@dataclass(frozen=True, kw_only=True)
class PeriodReport:
    """What a period's report says.

    Args:
        period: The period's name.
        version: The version that made most of the predictions; the rides are compared with its reference.
        versions: How many rides each version predicted.
        rides: How many were predicted.
        completed: How many of them are completed.
        errors: RMSE, MAE, mean error and R2 of the completed rides, in minutes.
        not_joined: The days of which there is nothing.
        days: The days' rows of the history, in order; days that were not reported have none.
        link: Where the report lies.
    """

    period: str
    version: str
    versions: dict[str, int]
    rides: int
    completed: int
    errors: dict[str, float | None]
    not_joined: list[str]
    days: list[dict[str, Any]]
    link: str

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return asdict(self)


def report_period(data: Bucket, reports: Bucket, period: Period, model: str) -> PeriodReport:
    """Writes drift/PERIOD/report.html and report.json; doing it again replaces them.

    Raises:
        DataError: no day of the period is joined, or a bucket refuses.
    """
    found = {day: joined(data, day) for day in period.days()}
    frames = [frame for frame in found.values() if frame is not None and len(frame)]
    if not frames:
        raise DataError(
            f"s3://{data.name}/processed/joined/: has no rides of {period.first} to {period.last}; join the "
            "days first, `python -m workloads.monitoring join DAY`"
        )
    rides = pd.concat(frames, ignore_index=True)
    versions = Counter(rides["version"].astype(str))
    version = versions.most_common(1)[0][0]
    of_version = reference.load(data, model, version)
    html, evidently = render(rides, of_version.rides, of_version.profile.layout.bins, ())
    complete = regression.completed(rides)
    report = PeriodReport(
        period=period.name,
        version=version,
        versions=dict(versions),
        rides=len(rides),
        completed=len(complete),
        errors=regression.errors(complete),
        not_joined=[day.isoformat() for day, frame in found.items() if frame is None],
        days=_days(reports, period),
        link=f"s3://{reports.name}/drift/{period.name}/report.html",
    )
    document = {**report.document(), **regression.by_group(complete), "evidently": evidently}
    reports.put(f"drift/{period.name}/report.html", html)
    reports.put(f"drift/{period.name}/report.json", json.dumps(document).encode())
    return report


def _days(reports: Bucket, period: Period) -> list[dict[str, Any]]:
    """What the days' own reports found."""
    rows = History.read(reports.get(KEY)).rows
    chosen = [row for row in rows if period.first.isoformat() <= row.day <= period.last.isoformat()]
    return [{name: getattr(row, name) for name in _OF_A_DAY} for row in chosen]
