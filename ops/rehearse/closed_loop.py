"""The closed loop under a real Airflow: from months to a model, to a shift that is noticed, and back.

Ingest, train, publish, predict, complete, monitor; a breach on an injected shift, one alert, one training, a
better model that the predictor serves; the way back by one command, and forth by hand in MLflow. A run that
is late tells the topic, and two days are monitored by a backfill. Each step is held against what it has to
leave behind, in S3, in MLflow and in what the topic was told.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.rehearse.account import Account
from ops.rehearse.predictor import Predictor
from ops.rehearse.visit import Airflow, move_alias
from workloads.data.quality import rides
from workloads.streaming.events import events
from workloads.streaming.shifts import SHIFTS, Ride

# The first model learns a year of the pandemic; what it meets later is another city.
FIRST, FIRST_VALIDATION = "2021-01", "2021-02"
LATER, LATER_VALIDATION = "2023-01", "2023-02"
MONTHS = (FIRST, FIRST_VALIDATION, LATER, LATER_VALIDATION)
QUIET_DAY, SHIFTED_DAY, NEXT_DAY = "2021-02-10", "2021-02-11", "2021-02-12"
BACK_DAY, AGAIN_DAY = "2021-02-13", "2021-02-14"
SHIFT = "distance-unit"
DAG_SECONDS, ALERT_SECONDS = 600.0, 60.0  # limits, not claims


@dataclass(kw_only=True)
class ClosedLoop:
    """Runs the loop; `step` shows what is done, and `environment` is that of Airflow's tasks.

    Raises:
        LocalRunError: a step left something else behind than it has to.
    """

    airflow: Airflow
    account: Account
    children: Children
    environment: Mapping[str, str]
    months: Mapping[str, Path]
    predictor: Predictor
    make_late: Callable[[str, str], None]
    step: Callable[[str], None]

    def run(self) -> None:
        """Every step, in order."""
        self._ingest(FIRST, FIRST_VALIDATION)
        self._train()
        self._batch()
        self._ingest(LATER, LATER_VALIDATION)
        self._two_days()
        self._next_day()
        self._roll_back()
        self._reconcile()

    def beat(self) -> None:
        """Sends one ride that begins now, once there is a model: a training waits for who predicts it."""
        if self._has(self._pointer_key()):
            self.predictor.send_one()

    def _ingest(self, *months: str) -> None:
        for month in months:
            self.step(f"ingest {month}")
            self._run("taxi_data_ingest", {"month": month})
            record = self._document(f"processed/green/{month}.json")
            expect("trips of the month", record["trips"], record["rides"] + sum(record["rejected"].values()))
            for kind in ("raw", "processed", "quarantine"):
                expect(f"{kind} of {month}", self._has(f"{kind}/green/{month}.parquet"), True)

    def _train(self) -> None:
        self.step(f"train on {FIRST}")
        run = self.airflow.trigger("taxi_model_training", conf={"month": FIRST, "validate": FIRST_VALIDATION})
        self.make_late("taxi_model_training", run)
        self.airflow.wait_for_run("taxi_model_training", run=run, seconds=DAG_SECONDS)
        (late,) = self._alerts()
        expect("subject of the alert", late["Subject"], "taxi_model_training is late")
        expect("version of the first model", self._pointer()["version"], "1")
        events = self.account.keys(self.environment["DATA_BUCKET"], "lineage/taxi_model_training/train/")
        ends = sorted(key.rpartition("/")[2] for key in events)
        expect("lineage events of the training", ends, ["complete.json", "start.json"])

    def _batch(self) -> None:
        """It runs by itself, for there is a newer month and a newer model."""
        self.step("batch prediction, by its assets")
        self.airflow.wait_for_run("taxi_batch_prediction")
        key = f"batch/green/{FIRST_VALIDATION}/version=1/summary.json"
        expect("rides scored in a batch", self._document(key)["rides"] > 10_000, True)

    def _two_days(self) -> None:
        """A day without a shift and one with it, by a backfill."""
        self.step(f"stream {QUIET_DAY}, and {SHIFTED_DAY} with {SHIFT}")
        self._stream(QUIET_DAY, version="1")
        self._stream(SHIFTED_DAY, version="1", change=SHIFTS[SHIFT])
        self.step("monitor both days, by a backfill")
        runs = self.airflow.backfill("taxi_monitoring", SHIFTED_DAY, NEXT_DAY)  # each is for the day before
        for run in runs:
            self.airflow.wait_for_run("taxi_monitoring", run=run, seconds=DAG_SECONDS)
        quiet, shifted = (
            self._report(day, run) for day, run in zip((QUIET_DAY, SHIFTED_DAY), runs, strict=True)
        )
        joined = self._document(f"processed/joined/dt={QUIET_DAY}/completeness.json")
        expect("completeness of the day", joined["completeness"], 1.0)
        expect("breach on a day without a shift", quiet["breach"], False)
        expect("breach on a day with a shift", shifted["breach"], True)
        expect("alerts of both days", len(self._alerts()), 1)
        wanted = {name: shifted["retrain"][name] for name in ("train", "month", "validate")}
        expect("training", wanted, {"train": True, "month": LATER, "validate": LATER_VALIDATION})
        self.step(f"train on {LATER}, as the report asks")
        self.airflow.wait_for_run("taxi_model_training", run=f"shift__{SHIFTED_DAY}", seconds=DAG_SECONDS)
        expect("version after the training", self._pointer()["version"], "2")

    def _next_day(self) -> None:
        self.step(f"stream and monitor {NEXT_DAY}, {SHIFT}")
        self._stream(NEXT_DAY, version="2", change=SHIFTS[SHIFT])
        report = self._monitor(NEXT_DAY)
        expect("breach while the shift lasts", report["breach"], True)
        expect("alerts while the breach lasts", self.account.alerts(), [])
        expect("training within the cooldown", report["retrain"]["train"], False)

    def _roll_back(self) -> None:
        self.step("roll back")
        self.children.command("rollback", ["workloads.training", "rollback"], environment=self.environment)
        expect("version after the rollback", self._pointer()["version"], "1")
        self._stream(BACK_DAY, version="1")

    def _reconcile(self) -> None:
        """By hand in MLflow's page, which tells nobody."""
        self.step("move the alias in MLflow")
        self.airflow.use_only("taxi_model_reconcile")
        move_alias(
            self.environment["MLFLOW_TRACKING_URI"],
            self.environment["MLFLOW_TRACKING_PASSWORD"],
            model=self.environment["MODEL_NAME"],
            alias=self.environment["MODEL_ALIAS"],
            version="2",
        )
        self._run("taxi_model_reconcile", {})
        expect("version after the alias was moved", self._pointer()["version"], "2")
        self._stream(AGAIN_DAY, version="2")

    def _stream(self, day: str, *, version: str, change: Callable[[Ride], Ride] = dict) -> None:
        """Sends a day's rides and their completions, and looks at who predicted them."""
        frame = rides(self.months[day[:7]], day[:7]).frame
        of_day = frame[frame["lpep_pickup_datetime"].dt.strftime("%Y-%m-%d") == day]
        sent = len(of_day)
        self.predictor.send(events(of_day, prefix=day, change=change, completions=True, limit=sent))
        nights = (day, (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat())
        bucket, versions = self.environment["DATA_BUCKET"], Counter[str]()
        for key in (key for night in nights for key in self.account.keys(bucket, f"predictions/dt={night}/")):
            for line in gzip.decompress(self.account.object(bucket, key) or b"").splitlines():
                prediction = json.loads(line)
                if prediction["ride"]["lpep_pickup_datetime"].startswith(day):
                    versions[prediction["version"]] += 1
        expect(f"predictions of {day} by version", dict(versions), {version: sent})

    def _monitor(self, day: str) -> dict[str, Any]:
        """Runs the DAG for the day; gives what its report says."""
        return self._report(day, self._run("taxi_monitoring", {"day": day}))

    def _report(self, day: str, run: str) -> dict[str, Any]:
        """What the report of a run says."""
        report: dict[str, Any] = json.loads(self.airflow.returned("taxi_monitoring", run, "report"))
        html = self.account.object(self.environment["REPORTS_BUCKET"], f"drift/{day}/report.html") or b""
        expect(f"report of {day} as a page", b"<html" in html[:2000].lower(), True)
        return report

    def _run(self, dag: str, parameters: Mapping[str, str]) -> str:
        """Runs a DAG to its end; gives the run's id."""
        run = self.airflow.trigger(dag, conf=parameters)
        self.airflow.wait_for_run(dag, run=run, seconds=DAG_SECONDS)
        return run

    def _alerts(self) -> list[Mapping[str, Any]]:
        """What the topic was told since the last look, as soon as it was told anything."""
        deadline = time.monotonic() + ALERT_SECONDS
        while not (found := self.account.alerts()) and time.monotonic() < deadline:
            self.airflow.pause()
        return found

    def _pointer(self) -> dict[str, Any]:
        return self._document(self._pointer_key())

    def _pointer_key(self) -> str:
        return f"models/{self.environment['MODEL_NAME']}/{self.environment['MODEL_ALIAS']}.json"

    def _has(self, key: str) -> bool:
        return bool(self.account.object(self.environment["DATA_BUCKET"], key))

    def _document(self, key: str) -> dict[str, Any]:
        body = self.account.object(self.environment["DATA_BUCKET"], key)
        if body is None:
            raise LocalRunError(f"s3://{self.environment['DATA_BUCKET']}/{key} was not written")
        found: dict[str, Any] = json.loads(body)
        return found


def expect(what: str, found: object, wanted: object) -> None:
    """Nothing if both are equal.

    Raises:
        LocalRunError: they are not.
    """
    if found != wanted:
        raise LocalRunError(f"the closed loop, {what}: got {found!r}, expected {wanted!r}")
