"""Trains on the newest month that has a later one to validate on, and publishes a model that is better.

TLC publishes a month of trips about two months after it has ended: in a run in November, August is there for
sure, so July trains and August validates. The current model keeps its alias unless every check passes; then
the bundle is published, and the second task confirms that the predictor can serve it.

Where the stack's key `automlAfterTraining` is set, AutoML's state machine is then started on the same months.
It knows green taxis, and publishes what passes its checks: a run for yellow ones or a challenger starts none.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task
from workload_commands import MACROS, MODEL, MONTHS, RETRIES, dataset_param, deadline, month_param, workload

_MONTHS = (
    "{{ params.month or months_before(as_of(dag_run), 4) }}"
    " --validate {{ params.validate or months_before(as_of(dag_run), 3) }}"
)


@task.short_circuit  # type: ignore[untyped-decorator]  # Airflow is not installed where types are checked
def automl_wanted(params: dict[str, Any]) -> bool:
    """Whether the run is one that AutoML can follow."""
    return params["dataset"] == "green" and not params["as_challenger"]


with DAG(
    "taxi_model_training",
    schedule="0 6 * * MON",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={
        "month": month_param("To train on, YYYY-MM; empty for the month four before the run's."),
        "validate": month_param("To validate on, YYYY-MM; empty for the month three before the run's."),
        "dataset": dataset_param(),
        "as_challenger": Param(
            False, type="boolean", description="Publish as the challenger, which shadows the current model."
        ),
    },
    user_defined_macros=MACROS,
    default_args=RETRIES,
    deadline=deadline("taxi_model_training", timedelta(hours=3)),
    doc_md=__doc__,
    tags=["training"],
):
    train = workload(
        "train",
        f"training train {_MONTHS}"
        " --dataset {{ params.dataset }}{{ ' --as-challenger' if params.as_challenger else '' }}",
        timeout=timedelta(hours=1),
        inlets=[MONTHS],
        outlets=[MODEL],
    )
    confirm = workload("confirm", "training confirm", timeout=timedelta(minutes=20))
    train >> confirm
    if os.environ.get("STATE_MACHINE_ARN"):
        automl = workload(
            "automl",
            f"training start-automl {_MONTHS}"
            " --execution training-{{ as_of(dag_run).strftime('%Y%m%dT%H%M%S') }}",
            timeout=timedelta(minutes=10),
        )
        confirm >> automl_wanted() >> automl
