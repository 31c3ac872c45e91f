"""Publishes what MLflow says: who moves the alias in MLflow's own page changes what the predictor serves."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG
from workload_commands import RETRIES, workload

with DAG(
    "taxi_model_reconcile",
    schedule="@hourly",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args={**RETRIES, "retries": 1},
    doc_md=__doc__,
    tags=["training"],
):
    workload("reconcile", "training reconcile", timeout=timedelta(minutes=10))
