"""Whether a task can run here at all, and reach MLflow from where tasks run: to be triggered by hand."""

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

_REACH_MLFLOW = """
import os, urllib.request
url = os.environ["MLFLOW_TRACKING_URI"] + "/health"
with urllib.request.urlopen(url, timeout=30) as answer:
    print(url, answer.status)
"""

with DAG(
    "platform_check",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    doc_md=__doc__,
    tags=["platform"],
):
    BashOperator(
        task_id="reach_mlflow",
        bash_command='python -c "$SCRIPT"',
        env={"SCRIPT": _REACH_MLFLOW},
        append_env=True,
    )
