"""Scores a month, or a range of days, with the current model, and writes the predictions to the data bucket.

Runs by itself once there is a newer month and a newer model; by hand for any month or range.
"""

from datetime import timedelta

from airflow.sdk import DAG
from workload_commands import MODEL, MONTHS, RETRIES, dataset_param, day_param, month_param, workload

with DAG(
    "taxi_batch_prediction",
    schedule=MONTHS & MODEL,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={
        "month": month_param("YYYY-MM; empty for the newest, or for a range of days."),
        "first": day_param("The first day of a range, YYYY-MM-DD."),
        "last": day_param("Its last day."),
        "dataset": dataset_param(),
    },
    default_args=RETRIES,
    doc_md=__doc__,
    tags=["prediction"],
):
    workload(
        "score",
        "prediction score {{ params.month }}"
        "{{ ' --first ' + params.first if params.first else '' }}"
        "{{ ' --last ' + params.last if params.last else '' }} --dataset {{ params.dataset }} --json",
        timeout=timedelta(hours=1),
    )
