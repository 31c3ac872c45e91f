"""Takes the month that TLC has published last into the data bucket: raw, as rides, and what was rejected.

TLC publishes a month of trips about two months after it has ended: in a run in November, August is there for
sure. A file that cannot be used is quarantined, and the task fails with the reason.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG
from workload_commands import MACROS, MONTHS, RETRIES, dataset_param, deadline, month_param, workload

with DAG(
    "taxi_data_ingest",
    schedule="0 5 3 * *",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={
        "month": month_param("YYYY-MM; empty for the month three before the run's."),
        "dataset": dataset_param(),
    },
    user_defined_macros=MACROS,
    default_args=RETRIES,
    deadline=deadline("taxi_data_ingest", timedelta(hours=6)),
    doc_md=__doc__,
    tags=["data"],
):
    workload(
        "ingest",
        "data ingest {{ params.month or months_before(as_of(dag_run), 3) }}"
        " --dataset {{ params.dataset }} --json",
        timeout=timedelta(minutes=30),
        outlets=[MONTHS],
    )
