"""What people and CloudWatch are told of a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workloads.data.months import DataError
from workloads.monitoring.history import Row

# CloudWatch refuses data points that are older: https://docs.aws.amazon.com/AmazonCloudWatch/latest/
# APIReference/API_PutMetricData.html
OLDEST_METRIC = timedelta(days=14)
_LONGEST_SUBJECT = 100  # characters, of SNS


def alert(topic_arn: str, alert: str, row: Row, link: str) -> None:
    """Publishes the begin or the end of a breach.

    Raises:
        DataError: SNS refuses.
    """
    try:
        boto3.client("sns").publish(
            TopicArn=topic_arn, Subject=_subject(alert, row), Message=_message(alert, row, link)
        )
    except (BotoCoreError, ClientError, ValueError) as error:
        raise DataError(
            f"ALERT_TOPIC_ARN: {topic_arn} refuses the alert ({error}); allow sns:Publish on it, then report "
            f"{row.day} again, which sends it"
        ) from error


def put_metrics(namespace: str, model: str, row: Row) -> bool:
    """Puts the day's figures under its own time: doing it again changes no minimum, maximum or average.

    Gives False for a day that is too old for CloudWatch.

    Raises:
        DataError: CloudWatch refuses.
    """
    noon = datetime.combine(date.fromisoformat(row.day), datetime.min.time(), UTC) + timedelta(hours=12)
    if not datetime.now(UTC) - OLDEST_METRIC < noon < datetime.now(UTC) + timedelta(hours=2):
        return False
    data = [_datum(name, value, unit, model, noon) for name, (value, unit) in _figures(row).items()]
    try:
        boto3.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise DataError(
            f"METRICS_NAMESPACE: {namespace} cannot be written ({error}); allow cloudwatch:PutMetricData "
            "with that cloudwatch:namespace"
        ) from error
    return True


def _figures(row: Row) -> dict[str, tuple[float, str]]:
    figures = {
        "RidesPredicted": (row.rides, "Count"),
        "RidesCompleted": (row.completed, "Count"),
        "DriftedColumns": (len(row.drift), "Count"),
        "WorsePerformanceChecks": (len(row.performance), "Count"),
        "DataQualityDefects": (len(row.quality), "Count"),
        "Breach": (int(row.breach), "None"),
    }
    errors = {"RMSE": row.rmse, "MAE": row.mae, "MeanError": row.mean_error, "R2": row.r2}
    known = {name: (value, "None") for name, value in errors.items() if value is not None}
    return {**figures, **known}


def _datum(name: str, value: float, unit: str, model: str, time: datetime) -> Any:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "Model", "Value": model}],
        "Timestamp": time,
        "Value": value,
        "Unit": unit,
    }


def _subject(alert: str, row: Row) -> str:
    text = f"Taxi model {row.version}: shift since {row.day}"
    return (text if alert == "begin" else f"Taxi model {row.version}: no shift any more")[:_LONGEST_SUBJECT]


def _message(alert: str, row: Row, link: str) -> str:
    if alert == "end":
        ended = f"The shift has ended: nothing was found on {row.day} and the judged day before."
        return f"{ended}\n\nReport: {link}\n"
    kinds = {"Data drift": row.drift, "Performance": row.performance, "Data quality": row.quality}
    found = [f"{kind}: {', '.join(checks)}" for kind, checks in kinds.items() if checks]
    error = "" if row.rmse is None else f", RMSE {row.rmse:.2f} minutes"
    return "\n".join(
        [
            f"On {row.day} the rides differ from what version {row.version} was measured on.",
            "",
            *found,
            "",
            f"{row.rides} rides, {row.completed} completed{error}.",
            f"Training: {'asked for; ' if row.train else 'not asked for: '}{row.train_reason}.",
            f"Report: {link}",
            "",
            "You get one more message when the shift has ended, and none until then.",
            "",
        ]
    )
