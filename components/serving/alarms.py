"""What clients see: on the dashboard, and in alarms by which ECS takes a new version back.

The deployment needs these alarms, so they are made here and on every level of `monitoring`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.entry import Entry
from components.common.monitored import RUNBOOKS, Metric, Panel
from components.common.names import physical_name
from components.serving.routing import Routing
from components.serving.settings import ServingSettings

NAMESPACE = "AWS/ApplicationELB"
_PERIOD_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the load balancer, and above what it is an alarm; `join` is over both target groups."""

    name: str
    metric: str
    statistic: str
    join: str
    threshold: float
    meaning: str


def figures(settings: ServingSettings) -> Sequence[Figure]:
    """Errors, latency and tasks that are not ready."""
    return [
        Figure(
            name="errors", metric="HTTPCode_Target_5XX_Count", statistic="Sum", join="SUM", threshold=5,
            meaning="more than 5 requests a minute for a prediction ended in an error; the log says why",
        ),
        Figure(
            name="latency", metric="TargetResponseTime", statistic="p99", join="MAX",
            threshold=settings.serving_latency_ms / 1000,
            meaning=f"1 of 100 predictions takes more than {settings.serving_latency_ms} ms",
        ),
        Figure(
            name="unhealthy", metric="UnHealthyHostCount", statistic="Maximum", join="MAX", threshold=0,
            meaning="a task of the prediction service is not ready; its log says why",
        ),
    ]  # fmt: skip


def alarm(
    name: str,
    figure: Figure,
    entry: Entry,
    routing: Routing,
    *,
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.cloudwatch.MetricAlarm:
    """An alarm when the figure is too high in two of three minutes."""
    # A target group without requests reports nothing, and is left out.
    joined = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="joined", expression=f"{figure.join}([blue, green])", label=figure.name, return_data=True
    )
    return aws.cloudwatch.MetricAlarm(
        f"{name}-{figure.name}",
        name=physical_name(f"serving-{figure.name}"),
        alarm_description=f"{figure.meaning}. What to do: {RUNBOOKS}#predictions-fail",
        metric_queries=[joined, *_queries(figure, entry, routing)],
        comparison_operator="GreaterThanThreshold",
        threshold=figure.threshold,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _queries(
    figure: Figure, entry: Entry, routing: Routing
) -> Iterator[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    for colour, group in (("blue", routing.blue), ("green", routing.green)):
        metric = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=NAMESPACE,
            metric_name=figure.metric,
            dimensions={"LoadBalancer": entry.load_balancer, "TargetGroup": group.arn_suffix},
            period=_PERIOD_SECONDS,
            stat=figure.statistic,
        )
        yield aws.cloudwatch.MetricAlarmMetricQueryArgs(id=colour, metric=metric)


def panels(entry: Entry, routing: Routing) -> tuple[Panel, ...]:
    """Requests, errors and latency of each target group."""
    shown = {
        "Predictions": ("RequestCount", "Sum"),
        "Predictions that ended in an error": ("HTTPCode_Target_5XX_Count", "Sum"),
        "Seconds of 99 of 100 predictions": ("TargetResponseTime", "p99"),
    }
    return tuple(
        Panel(
            group="Prediction service",
            title=title,
            metrics=tuple(
                Metric(
                    namespace=NAMESPACE,
                    name=metric,
                    dimensions={"LoadBalancer": entry.load_balancer, "TargetGroup": group.arn_suffix},
                    statistic=statistic,
                    label=colour,
                )
                for colour, group in (("blue", routing.blue), ("green", routing.green))
            ),
        )
        for title, (metric, statistic) in shown.items()
    )
