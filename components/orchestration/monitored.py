"""What is worth an alarm in Airflow and in the model that its DAGs train and judge, on either variant."""

import pulumi

from components.common.data_access import DataAccess
from components.common.monitored import Alarm, LogMetric, LogPanel, Metric, Panel, Query
from components.common.names import metrics_namespace

_DAG_FAILURES = "DagFailures"
_DAY, _FIVE_MINUTES = 86_400, 300
_MODEL = "Model"
# Uvicorn's lines of MLflow's own paths, such as `"GET /api/2.0/mlflow/runs/get HTTP/1.1" 200 OK`; Docker
# writes a backslash before each quotation mark.
_REQUESTS = (
    r'parse @message /\/mlflow\/\S+ HTTP\/1\.[01]\\?" (?<status>\d{3})/ | filter ispresent(status)'
    " | stats count(*) as requests, sum(floor(status / 500)) as failed by bin(5m)"
)


def airflow_log_metrics(log_group: pulumi.Input[str]) -> tuple[LogMetric, ...]:
    """What the scheduler says once a run has failed: `Marking run <DagRun ...> failed`."""
    return (
        LogMetric(
            name=_DAG_FAILURES,
            log_group=log_group,
            # Phrases, both of which a line must hold; Docker writes the bracket between them as \\u003e.
            pattern='"arking run" " failed"',
            namespace=metrics_namespace(),
        ),
    )


def airflow_alarms(variant: str) -> tuple[Alarm, ...]:
    """A run of a DAG has failed, its retries included.

    The variant is in the name, because the old one's alarm goes after the new one's has come.
    """
    return (
        Alarm(
            name="dag-failures",
            aws_name=f"{variant}-dag-failures",
            meaning="a DAG's run has failed after its retries; its page in Airflow has the task and its log",
            runbook="dag-failed",
            metric=_dag_failures(),
            essential=True,
        ),
    )


def model_alarms(variant: str, data: DataAccess) -> tuple[Alarm, ...]:
    """The daily report has found a shift; of its two latest days one is enough, as it is written once."""
    return (
        Alarm(
            name="model-shift",
            aws_name=f"{variant}-model-shift",
            meaning="rides have shifted from what the model was measured on; the day's report says how",
            runbook="bad-model",
            metric=_model("Breach", data),
            periods=2,
            datapoints=1,
            missing="ignore",
        ),
    )


def panels(data: DataAccess, *log_groups: pulumi.Input[str]) -> tuple[Panel | LogPanel, ...]:
    """Failed runs, the model's errors and drift, and MLflow's answers by its lines in `log_groups`."""
    return (
        LogPanel(
            group="MLflow", title="Requests, and those that failed", log_groups=log_groups, text=_REQUESTS
        ),
        Panel(group="Airflow", title="Failed DAG runs", metrics=(_dag_failures(),)),
        Panel(
            group=_MODEL,
            title="Errors by day, minutes",
            metrics=(_model("RMSE", data), _model("MAE", data), _model("MeanError", data)),
        ),
        Panel(
            group=_MODEL,
            title="Rides by day",
            metrics=(_model("RidesPredicted", data), _model("RidesCompleted", data)),
        ),
        Panel(
            group=_MODEL,
            title="Drift, worse performance, defects by day",
            metrics=(
                _model("DriftedColumns", data),
                _model("WorsePerformanceChecks", data),
                _model("DataQualityDefects", data),
            ),
        ),
    )


def queries(variant: str, *log_groups: pulumi.Input[str]) -> tuple[Query, ...]:
    """What went wrong in Airflow's and MLflow's logs lately."""
    return (
        Query(
            name=f"{variant}-container-errors",
            log_groups=log_groups,
            text="fields @timestamp, @logStream, @message\n"
            "| filter @message like /(?i)(error|traceback|critical)/\n| sort @timestamp desc\n| limit 200",
        ),
    )


def _dag_failures() -> Metric:
    return Metric(
        namespace=metrics_namespace(), name=_DAG_FAILURES, dimensions={}, period_seconds=_FIVE_MINUTES
    )


def _model(name: str, data: DataAccess) -> Metric:
    """A figure that `workloads.monitoring report` puts for each day."""
    return Metric(
        namespace=metrics_namespace(),
        name=name,
        dimensions={"Model": data.model.model_name},
        statistic="Maximum",
        period_seconds=_DAY,
    )
