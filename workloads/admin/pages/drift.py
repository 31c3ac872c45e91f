"""Each day against the model's reference: the history, and every day's report."""

import re
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template

from workloads.admin import charts
from workloads.admin.deadline import in_time
from workloads.admin.platform import WAIT_SECONDS, platform
from workloads.monitoring.history import Row

pages = Blueprint("drift", __name__, url_prefix="/drift")
DAYS = 60
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
# A report is a page of Evidently's with its scripts inside. It gets an origin of its own, so that nothing in
# it reaches this application, and it may load nothing.
_REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; worker-src blob:; frame-ancestors 'self'"
)


@pages.get("")
def page() -> str:
    """The history."""
    return render_template("drift.html", **_facts())


@pages.get("/live")
def live() -> str:
    """Its part that changes."""
    return render_template("_drift.html", **_facts())


@pages.get("/<day>")
def day(day: str) -> str:
    """A day's verdict and its report."""
    history = platform().history.seen(WAIT_SECONDS)
    row = history.value.row(day) if history.value else None
    if history.value and row is None:
        abort(404)
    return render_template("drift_day.html", day=day, row=row, history=history)


@pages.get("/<day>/report.html")
def report(day: str) -> Response:
    """The day's report as monitoring wrote it."""
    if not _DAY.fullmatch(day):
        abort(404)
    known = platform()
    bucket, key = known.settings.reports_bucket, f"drift/{day}/report.html"
    body = in_time("The reports bucket", lambda: known.cloud.object(bucket, key))
    if body is None:
        abort(404)
    return Response(
        body,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _REPORT_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )


def _facts() -> dict[str, Any]:
    history = platform().history.seen(WAIT_SECONDS)
    rows = history.value.rows[-DAYS:] if history.value else []
    return {"history": history, "rows": rows[::-1], "chart_of": _chart(rows) if rows else None}


def _short(day: str) -> str:
    return date.fromisoformat(day).strftime("%-d %b")


def _chart(rows: list[Row]) -> charts.Chart:
    alarms = [at for at, row in enumerate(rows) if row.alarm]
    chart = charts.line(
        [("first", [row.rmse for row in rows]), ("second", [row.mae for row in rows])],
        [_short(row.day) for row in rows],
        marked=alarms,
        summary=f"Errors of {len(rows)} days, of which {len(alarms)} have a shift.",
        x_label="day of the pick-ups",
        y_label="minutes",
    )
    chart.legend = [("first", "RMSE"), ("second", "mean absolute error"), ("bad", "a day with a shift")]
    return chart
