"""The months that were taken in, how good they are, and what was rejected for what reason."""

from collections import Counter
from typing import Any

from flask import Blueprint, render_template

from workloads.admin.platform import WAIT_SECONDS, platform

pages = Blueprint("data", __name__, url_prefix="/data")


@pages.get("")
def page() -> str:
    """The page."""
    return render_template("data.html", **_facts())


@pages.get("/live")
def live() -> str:
    """Its part that changes."""
    return render_template("_data.html", **_facts())


def _facts() -> dict[str, Any]:
    known = platform()
    months, files = known.months.seen(WAIT_SECONDS), known.quarantined.seen(0.5)
    reasons: Counter[str] = Counter()
    for each in months.value or ():
        reasons.update({name: count for name, count in each["rejected"].items() if count})
    return {
        "months": months,
        "files": files,
        "reasons": reasons.most_common(),
        "rejected": sum(reasons.values()),
        "flow": known.flow.seen(),
    }
