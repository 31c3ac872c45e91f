"""The first page: whether everything works, what comes through, and which model predicts it."""

from typing import Any

from flask import Blueprint, render_template

from workloads.admin import charts
from workloads.admin.follower import Flow
from workloads.admin.platform import platform

pages = Blueprint("overview", __name__)


@pages.get("/")
def page() -> str:
    """The page."""
    return render_template("overview.html", **_facts())


@pages.get("/live/overview")
def live() -> str:
    """Its part that changes."""
    return render_template("_overview.html", **_facts())


def _facts() -> dict[str, Any]:
    known = platform()
    flow, pointers, history = known.flow.seen(), known.pointers.seen(), known.history.seen()
    days = history.value.rows if history.value else []
    return {
        "healths": known.healths(),
        "flow": flow,
        "traffic": traffic(flow.value) if flow.value else None,
        "dead_letters": known.dead_letters.seen(),
        "iterator_age": known.iterator_age.seen(),
        "pointers": pointers,
        "champion": (pointers.value or {}).get(known.settings.model_alias),
        "challenger": (pointers.value or {}).get(known.settings.challenger_alias),
        "history": history,
        "day": days[-1] if days else None,
    }


def traffic(flow: Flow) -> charts.Chart:
    """The events of the last hour, minute by minute."""
    labels = ["now" if ago == 0 else f"-{ago} min" for ago in range(len(flow.minutes) - 1, -1, -1)]
    predicted = [each.get("predictions", 0) for each in flow.minutes]
    rejected = [each.get("rejected", 0) for each in flow.minutes]
    summary = f"Events a minute in the last hour: {sum(predicted)} predicted and {sum(rejected)} rejected."
    return charts.bars(
        [("predicted", predicted), ("rejected", rejected)],
        labels,
        summary=summary,
        x_label="time",
        y_label="events a minute",
        every=15,
    )
