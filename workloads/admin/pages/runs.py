"""Runs of DAGs and executions of AutoML, with links to where they can be looked into."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, render_template

from workloads.admin.looks import Seen
from workloads.admin.platform import WAIT_SECONDS, platform

pages = Blueprint("runs", __name__, url_prefix="/runs")


@pages.get("")
def page() -> str:
    """The page."""
    return render_template("runs.html", **_facts())


@pages.get("/live")
def live() -> str:
    """Its part that changes."""
    return render_template("_runs.html", **_facts())


def _facts() -> dict[str, Any]:
    known = platform()
    settings = known.settings
    runs: Seen[list[dict[str, Any]]] = Seen()
    if settings.airflow_url:
        runs = known.dag_runs.seen(WAIT_SECONDS)
    executions = known.executions.seen(WAIT_SECONDS)
    base = f"{settings.airflow_link}/dags"
    return {
        "settings": settings,
        "runs": runs,
        "links": [
            f"{base}/{quote(run['dag_id'])}/runs/{quote(run['dag_run_id'])}" for run in runs.value or ()
        ],
        "executions": executions,
        "console": f"https://{settings.region}.console.aws.amazon.com/states/home?region={settings.region}"
        "#/v2/executions/details/",
    }
