"""What happens to a task on the way: its worker is killed, or its run is late."""

import time
from collections.abc import Callable

from ops.local.errors import LocalRunError
from ops.rehearse import visit
from ops.rehearse.platform import Platform

TASK = "reach_mlflow"
BEGUN = "Running command"  # what the log of a BashOperator says before its command says anything
SECONDS = 180.0  # a limit, not a claim
_LATE = """
import os, sys
import psycopg2
url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg2:", "postgresql:", 1)
with psycopg2.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute(
        "UPDATE deadline SET deadline_time = now() FROM dag_run WHERE dag_run.id = deadline.dagrun_id "
        "AND dag_run.dag_id = %s AND dag_run.run_id = %s", sys.argv[1:])
    assert cursor.rowcount == 1, f"{sys.argv[1:]} has {cursor.rowcount} deadlines"
"""


def read_killed_log(airflow: visit.Airflow, running: Platform, wait: Callable[[], None]) -> None:
    """Kills the worker of a task that waits for MLflow, and reads the task's log without it.

    Raises:
        LocalRunError: what the task had said is lost.
    """
    worker = "worker" if "worker" in running.states else "scheduler"
    with running.held("mlflow"):
        run, deadline = airflow.trigger(visit.DAG), time.monotonic() + SECONDS
        while BEGUN not in airflow.log(visit.DAG, run, TASK, begun=False):
            if time.monotonic() > deadline:
                raise LocalRunError(f"the task {TASK} has not begun after {SECONDS:.0f} s")
            wait()
        running.kill(worker)
    log = airflow.log(visit.DAG, run, TASK)
    if BEGUN not in log:
        raise LocalRunError(f"the log of a task is lost with its killed worker:\n{log[-2000:]}")
    airflow.end(visit.DAG, run)
    if worker != "scheduler":  # it keeps the lost task's place for the minutes until its heartbeat is missed
        running.kill("scheduler")
        running.restart("scheduler", SECONDS)
    running.restart(worker, SECONDS)


def make_late(running: Platform, dag: str, run: str) -> None:
    """Moves the deadline of a run to now.

    Raises:
        LocalRunError: the run has none.
    """
    running.script("scheduler", _LATE, dag, run)
