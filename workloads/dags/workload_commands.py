"""What the DAGs share: a workload's command as a task, its retries, the assets between DAGs, deadlines.

The environment of the containers says where everything is: DATA_BUCKET, REPORTS_BUCKET, MLFLOW_TRACKING_URI,
MODEL_NAME, MODEL_ALIAS and CHALLENGER_ALIAS.
"""

import os
from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, DeadlineAlert, DeadlineReference, Param, SyncCallback

MONTHS = Asset("taxi_months")  # raw/ and processed/ of the data bucket
MODEL = Asset("taxi_model")  # the published model
RETRIES: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(hours=1),
}
# By its name: importing it takes longer than all DAGs.
_NOTIFIER = "airflow.providers.amazon.aws.notifications.sns.SnsNotifier"
_MONTH = r"^(20\d\d-(0[1-9]|1[0-2]))?$"
_DAY = r"^(20\d\d-\d\d-\d\d)?$"


def months_before(moment: datetime, months: int) -> str:
    """The month, as YYYY-MM, that lies `months` before that of `moment`."""
    number = moment.year * 12 + moment.month - 1 - months
    return f"{number // 12}-{number % 12 + 1:02}"


def day_before(moment: datetime) -> str:
    """The day before, as YYYY-MM-DD."""
    return (moment - timedelta(days=1)).date().isoformat()


def as_of(dag_run: Any) -> datetime:
    """The moment that a run is for: its logical date, which a run that was asked for by hand may lack."""
    moment: datetime = dag_run.logical_date or dag_run.run_after
    return moment


MACROS = {"months_before": months_before, "day_before": day_before, "as_of": as_of}


def month_param(description: str) -> Param:
    """A month as YYYY-MM, or empty."""
    return Param("", type="string", pattern=_MONTH, description=description)


def day_param(description: str) -> Param:
    """A day as YYYY-MM-DD, or empty."""
    return Param("", type="string", pattern=_DAY, description=description)


def dataset_param() -> Param:
    """One of TLC's data sets."""
    return Param("green", enum=["green", "yellow"], description="TLC's green or yellow taxis.")


def workload(task_id: str, words: str, *, timeout: timedelta, **options: Any) -> BashOperator:
    """A task that runs `python -m workloads.WORDS` in the workloads' environment; its last line is kept."""
    command = f"$WORKLOADS_PYTHON -m workloads.{words}"
    return BashOperator(task_id=task_id, bash_command=command, execution_timeout=timeout, **options)


def deadline(dag_id: str, after: timedelta) -> DeadlineAlert | None:
    """Tells the alerts' topic of a run that is not done in time; None without a topic."""
    topic = os.environ.get("ALERT_TOPIC_ARN")
    if not topic:
        return None
    message = {
        "aws_conn_id": None,
        "target_arn": topic,
        "subject": f"{dag_id} is late",
        "message": f"A run of {dag_id} was not done {after} after it was queued; see its page in Airflow.",
    }
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=after,
        callback=SyncCallback(_NOTIFIER, kwargs=message),
    )
