"""Joins the day before with its completed rides, reports drift and performance, and may ask for a training.

Completions may come late, so the day before that one is joined again. The report sends an alert once a breach
begins and once it ends; a training is asked for at most once a day, and by the report's rule once a cooldown.
"""

import json
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, task
from workload_commands import MACROS, MODEL, RETRIES, dataset_param, day_param, deadline, workload

_DAY = "{{ params.day or day_before(as_of(dag_run)) }}"


@task.short_circuit  # type: ignore[untyped-decorator]  # Airflow is not installed where types are checked
def training_wanted(report: str) -> bool:
    """Whether the report asks for a training."""
    return bool(json.loads(report)["retrain"]["train"])


with DAG(
    "taxi_monitoring",
    schedule="0 12 * * *",  # by then a day in New York is over, and its last rides have ended
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # a breach is judged by the days before
    is_paused_upon_creation=False,
    params={
        "day": day_param("YYYY-MM-DD; empty for the day before the run's."),
        "dataset": dataset_param(),  # whose months a training takes
    },
    user_defined_macros={**MACROS, "loads": json.loads},
    default_args=RETRIES,
    deadline=deadline("taxi_monitoring", timedelta(hours=6)),
    doc_md=__doc__,
    tags=["monitoring"],
):
    join = workload(
        "join", f"monitoring join {_DAY} --again 1 --json", timeout=timedelta(minutes=30), inlets=[MODEL]
    )
    report = workload(
        "report",
        f"monitoring report {_DAY} --dataset {{{{ params.dataset }}}} --json",
        timeout=timedelta(minutes=30),
    )
    train = TriggerDagRunOperator(
        task_id="train",
        trigger_dag_id="taxi_model_training",
        trigger_run_id=f"shift__{_DAY}",
        conf={
            **{
                name: "{{ loads(ti.xcom_pull('report')).retrain." + name + " }}"
                for name in ("month", "validate")
            },
            "dataset": "{{ params.dataset }}",
        },
        skip_when_already_exists=True,
    )
    join >> report
    training_wanted(report.output) >> train
