"""Trains on the newest month that has a later one to validate on, and publishes a model that is better.

TLC publishes a month of trips about two months after it has ended: in a run in November, August is there for
sure, so July trains and August validates.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

_PUBLISHED_MONTHS_AGO = 3


def months_before(moment: datetime, months: int) -> str:
    """The month, as YYYY-MM, that lies `months` before that of `moment`."""
    number = moment.year * 12 + moment.month - 1 - months
    return f"{number // 12}-{number % 12 + 1:02}"


with DAG(
    "train_weekly",
    schedule="0 6 * * MON",
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    params={
        "as_challenger": Param(
            False, type="boolean", description="Publish as the challenger, which shadows the current model."
        )
    },
    user_defined_macros={"months_before": months_before},
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
    doc_md=__doc__,
    tags=["training"],
):
    BashOperator(
        task_id="train",
        # The environment says where the model goes: MLFLOW_TRACKING_URI, DATA_BUCKET, MODEL_NAME, MODEL_ALIAS
        # and CHALLENGER_ALIAS.
        bash_command=(
            "$WORKLOADS_PYTHON -m workloads.training train "
            f"{{{{ months_before(dag_run.run_after, {_PUBLISHED_MONTHS_AGO + 1}) }}}} "
            f"--validate {{{{ months_before(dag_run.run_after, {_PUBLISHED_MONTHS_AGO}) }}}}"
            "{{ ' --as-challenger' if params.as_challenger else '' }}"
        ),
        execution_timeout=timedelta(hours=1),
    )
