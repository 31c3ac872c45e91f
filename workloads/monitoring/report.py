"""A day's report: judged, written, told, and what follows from it."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from workloads.data.dataset import GREEN, Dataset, Rules
from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.drift.judgement import Judgement, judge
from workloads.monitoring import notices, reference, regression
from workloads.monitoring.evidently_report import render
from workloads.monitoring.ground_truth_files import joined, rides_key
from workloads.monitoring.history import KEY, History, Row
from workloads.monitoring.retraining import Retraining, decide
from workloads.monitoring.settings import MonitoringSettings


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a day's report says.

    Args:
        row: The day in the history.
        judgement: Every check; None on a day without rides.
        retraining: Whether to train.
        alert: The alert that was sent now: `begin`, `end` or none.
        link: Where the report lies.
    """

    row: Row
    judgement: Judgement | None
    retraining: Retraining
    alert: str
    link: str

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        row = self.row
        return {
            "day": row.day,
            "version": row.version,
            "rides": row.rides,
            "completed": row.completed,
            "errors": {"rmse": row.rmse, "mae": row.mae, "mean_error": row.mean_error, "r2": row.r2},
            "shifted": {"drift": row.drift, "performance": row.performance, "quality": row.quality},
            "judged": row.judged,
            "not_judged": self.judgement.not_judged if self.judgement else {"drift": "no predictions"},
            "breach": row.breach,
            "breach_since": row.breach_since or None,
            "alert": self.alert or None,
            "retrain": self.retraining.document(),
            "report": self.link,
        }


def report_day(
    data: Bucket,
    reports: Bucket,
    day: date,
    model: str,
    settings: MonitoringSettings,
    dataset: Dataset = GREEN,
) -> Report:
    """Reports a day; doing it again, after it was cut off at any point, leaves the same.

    The row is in the history before an alert is sent and says afterwards that it was: who is cut off between
    the two is told twice rather than not at all.

    Raises:
        DataError: the day is not joined, or a bucket, SNS or CloudWatch refuses.
    """
    rides = _ordinary(_joined(data, day), dataset.rules)
    history = History.read(reports.get(KEY))
    link = f"s3://{reports.name}/drift/{day}/report.html"
    judgement, row, seen = None, Row(day=day.isoformat()), ""
    if len(rides):
        version = str(rides["version"].mode().iloc[0])
        found = reference.load(data, model, version)
        judgement = judge(
            found.profile,
            rides,
            day,
            drift_rate=settings.drift_false_alarm_rate,
            performance_rate=settings.performance_false_alarm_rate,
        )
        row, seen = _row(judgement, rides, version), found.month
        _write(reports, rides, found, judgement, day)
    row = history.with_breach(row)
    months = [PurePosixPath(key).stem for key in data.keys(f"raw/{dataset.name}/")]
    retraining = decide(history, row, months, seen, settings)
    row = replace(row, train=retraining.train, train_reason=retraining.reason)
    if settings.metrics_namespace:
        notices.put_metrics(settings.metrics_namespace, model, row)
    record(reports, row)
    alert = history.alert(row) if settings.alert_topic_arn else ""
    if alert:
        notices.alert(settings.alert_topic_arn, alert, row, console_link(link))
        row = replace(row, sent=alert)
        record(reports, row)
    return Report(row=row, judgement=judgement, retraining=retraining, alert=alert, link=link)


def record(reports: Bucket, row: Row) -> None:
    """Puts a day's row into the history, beside what others put there in the meantime."""
    reports.update(KEY, lambda body: History.read(body).with_row(row).write())


def console_link(address: str) -> str:
    """The page of an object, `s3://BUCKET/KEY`, in AWS's console."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return f"https://console.aws.amazon.com/s3/object/{bucket}?prefix={key}"


def _joined(data: Bucket, day: date) -> pd.DataFrame:
    rides = joined(data, day)
    if rides is None:
        raise DataError(
            f"s3://{data.name}/{rides_key(day)}: no such object; join the day first, "
            f"`python -m workloads.monitoring join {day}`"
        )
    return rides


def _ordinary(rides: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The rides, with the durations that training would count; the others are as good as not known.

    A meter that runs until midnight weighs as much in the RMSE as a thousand rides. Where more are odd than a
    month's file may have, that is what has to be found, and all durations count.
    """
    counted = rides["minutes"].between(*rules.minutes)
    odd = (rides["minutes"].notna() & ~counted).mean()
    return rides.assign(minutes=rides["minutes"].where(counted)) if odd <= rules.max_share_rejected else rides


def _row(judgement: Judgement, rides: pd.DataFrame, version: str) -> Row:
    errors = regression.errors(regression.completed(rides))
    return Row(
        day=judgement.day,
        version=version,
        rides=judgement.rides,
        completed=judgement.completed,
        completeness=judgement.completed / judgement.rides,
        rmse=errors["rmse"],
        mae=errors["mae"],
        mean_error=errors["mean_error"],
        r2=errors["r2"],
        drift=judgement.shifted("drift"),
        performance=judgement.shifted("performance"),
        quality=judgement.shifted("quality"),
        judged=len(judgement.not_judged) < 2,
        effects={each.check: each.effect for each in judgement.findings},
    )


def _write(
    reports: Bucket, rides: pd.DataFrame, found: reference.Reference, judgement: Judgement, day: date
) -> None:
    """Writes the report's page and its document."""
    html, evidently = render(rides, found.alike(day), found.profile.layout.bins, judgement.findings)
    complete = regression.completed(rides)
    document = {
        "judgement": judgement.document(),
        "reference": {"window": list(found.profile.window), "rides": found.profile.rides},
        "errors": {**regression.errors(complete), **regression.by_group(complete)},
        "evidently": evidently,
    }
    reports.put(f"drift/{day}/report.html", html)
    reports.put(f"drift/{day}/report.json", json.dumps(document).encode())
