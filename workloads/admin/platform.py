"""Everything that the pages show and the buttons start, once for the whole process."""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app

from workloads.admin.airflow import Airflow
from workloads.admin.cloud import Cloud
from workloads.admin.follower import Follower
from workloads.admin.jobs import Runner
from workloads.admin.journeys import Journeys
from workloads.admin.looks import Seen, Watch
from workloads.admin.redriving import Redriving
from workloads.admin.settings import Settings
from workloads.admin.tracking import Tracking
from workloads.status.board import Board

WAIT_SECONDS = 1.0  # of the very first page that shows a part; no page waits for more than two of them
FLOW_SECONDS = 4  # each look lists three prefixes at least, which AWS charges for
SAVE_WAIT_SECONDS = 4.0  # of the ten or more between SIGTERM and SIGKILL
STATUS_SECONDS = 15  # between two looks of the status page
GLANCE_SECONDS = 0.1  # the overview waits for nothing: what is not known yet comes with its next look


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a part is, for the overview.

    Args:
        name: The part.
        state: `up`, `down`, or `unknown` before the first look.
        detail: In words.
        milliseconds: How long the last look took.
    """

    name: str
    state: str
    detail: str
    milliseconds: int


class Platform:
    """The stack that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cloud = cloud = Cloud(settings)
        tracking, airflow = Tracking(settings), Airflow(settings)
        self._follower = Follower(cloud.s3, settings.data_bucket, settings.reports_bucket)
        self.flow = Watch("flow", self._follower.look, FLOW_SECONDS)
        self.stream = Watch("stream", cloud.stream, 10)
        self.function = Watch("function", cloud.function, 15)
        self.buckets = Watch("buckets", cloud.buckets, 30)
        self.dead_letters = Watch("dead letters", cloud.dead_letters, 5)
        self.iterator_age = Watch("iterator age", cloud.iterator_age, 30)
        self.pointers = Watch("pointers", cloud.pointers, 5)
        self.history = Watch("history", cloud.history, 20)
        self.months = Watch("months", cloud.months, 60)
        self.quarantined = Watch("quarantined files", cloud.quarantined_files, 60)
        self.registry = Watch("registry", tracking.registry, 5)
        self.executions = Watch("executions", cloud.executions, 15)
        self.airflow = Watch("airflow", airflow.health, 10)
        self.dag_runs = Watch("dag runs", airflow.runs, 10)
        self.journeys = Journeys(cloud.kinesis, settings.stream_name, self.flow)
        self.redriving = Redriving(settings)
        self.model_job = Runner(settings)
        self.simulator = Runner(settings)
        self.board = _board(settings, cloud.s3.meta.endpoint_url)

    def healths(self) -> list[Health]:
        """Every part of the platform, whether it works and how it says so."""
        parts: list[tuple[str, Watch[Any]]] = [
            ("Kinesis", self.stream),
            ("Lambda", self.function),
            ("S3 buckets", self.buckets),
            ("MLflow", self.registry),
        ]
        if self.settings.airflow_url:
            parts.append(("Airflow", self.airflow))
        for _, watch in parts:
            watch.seen()  # all begin before the first is waited for
        end = time.monotonic() + GLANCE_SECONDS
        return [_health(name, watch.seen(max(0.0, end - time.monotonic()))) for name, watch in parts]

    def start(self) -> None:
        """Asks for everything, so that the first page finds answers."""
        for each in self._watches():
            each.seen()
        threading.Thread(target=self.board.watch, name="status", daemon=True).start()

    def stop(self) -> None:
        """Ends what runs beside the pages, and keeps what was counted."""
        self.simulator.stop()
        self.board.stop()
        for each in self._watches():
            each.stop()
        self._follower.save(SAVE_WAIT_SECONDS)

    def _watches(self) -> list[Watch[Any]]:
        airflow = (self.airflow, self.dag_runs)
        found = [each for each in vars(self).values() if isinstance(each, Watch)]
        return [each for each in found if self.settings.airflow_url or each not in airflow]


def _health(name: str, seen: Seen[Any]) -> Health:
    if not seen.asked:
        return Health(name=name, state="unknown", detail="being asked", milliseconds=0)
    if seen.error:
        return Health(name=name, state="down", detail=seen.error, milliseconds=seen.milliseconds)
    value = seen.value
    if isinstance(value, dict):  # Airflow's components
        bad = [f"{part} {state}" for part, state in value.items() if state != "healthy"]
        detail, works = ", ".join(bad) or "all components healthy", not bad
    else:
        detail, works = getattr(value, "detail", "answers"), getattr(value, "works", True)
    state = "up" if works else "down"
    return Health(name=name, state=state, detail=detail, milliseconds=seen.milliseconds)


def _board(settings: Settings, s3: str) -> Board:
    """What the status page asks; S3 answers as long as this task's network works."""
    targets = {"MLflow": f"{settings.mlflow_uri.rstrip('/')}/health"}
    if settings.airflow_url:
        targets["Airflow"] = f"{settings.airflow_url.rstrip('/')}/api/v2/monitor/health"
    place = urlsplit(s3)
    reference = f"{place.hostname}:{place.port or (443 if place.scheme == 'https' else 80)}"
    return Board(targets, interval_seconds=STATUS_SECONDS, reference=reference)


def platform() -> Platform:
    """The platform of the application that handles this request."""
    found: Platform = current_app.extensions["platform"]
    return found


def add(app: Flask, settings: Settings) -> None:
    """Gives the application its platform, of which nothing is asked before a page needs it."""
    app.extensions["platform"] = Platform(settings)
