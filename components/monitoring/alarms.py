"""Alarms and event rules of what components have told, as children of the component that told it."""

import re
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.monitored import RUNBOOKS, Alarm, Event, Expression, Metric, Monitored
from components.common.names import physical_name

_OPERATORS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}


def metric_alarm(told: Monitored, alarm: Alarm, topic_arn: pulumi.Input[str]) -> aws.cloudwatch.MetricAlarm:
    """The alarm in CloudWatch; it tells the topic when it begins and when it ends."""
    return aws.cloudwatch.MetricAlarm(
        f"{told.name}-{alarm.name}",
        name=physical_name(alarm.aws_name or alarm.name),
        alarm_description=f"{alarm.meaning}. What to do: {RUNBOOKS}#{alarm.runbook}",
        comparison_operator=_OPERATORS[alarm.comparison],
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.datapoints,
        treat_missing_data=alarm.missing,
        alarm_actions=[*alarm.actions, topic_arn],
        ok_actions=[topic_arn],
        opts=pulumi.ResourceOptions(parent=told.owner),
        **_watched(alarm.metric),
    )


def event_rule(told: Monitored, event: Event, topic_arn: pulumi.Input[str]) -> None:
    """A rule of EventBridge that tells the topic, in a sentence instead of the event's JSON."""
    opts = pulumi.ResourceOptions(parent=told.owner)
    rule = aws.cloudwatch.EventRule(
        f"{told.name}-{event.name}",
        name=physical_name(event.name),
        description=f"{event.meaning}. What to do: {RUNBOOKS}#{event.runbook}",
        event_pattern=pulumi.Output.json_dumps(event.pattern),
        opts=opts,
    )
    aws.cloudwatch.EventTarget(
        f"{told.name}-{event.name}",
        rule=rule.name,
        arn=topic_arn,
        target_id="topic",
        input_transformer={
            "input_paths": {"time": "$.time", "resources": "$.resources", "detail": "$.detail"},
            "input_template": f'"{event.meaning}. What to do: {RUNBOOKS}#{event.runbook}. '
            '<time> <resources> <detail>"',
        },
        opts=opts,
    )


def _watched(metric: Metric | Expression) -> dict[str, Any]:
    if isinstance(metric, Expression):
        result = {"id": "result", "expression": metric.formula, "label": metric.label, "return_data": True}
        return {"metric_queries": [result, *(_query(id_, one) for id_, one in metric.metrics.items())]}
    percentile = re.match(r"p\d", metric.statistic)
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": metric.dimensions,
        "extended_statistic" if percentile else "statistic": metric.statistic,
        "period": metric.period_seconds,
    }


def _query(id_: str, metric: Metric) -> Any:
    return {
        "id": id_,
        "metric": {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": metric.dimensions,
            "period": metric.period_seconds,
            "stat": metric.statistic,
        },
    }
