"""What a component tells the monitoring: its metrics, when they are too high, what that means, its logs.

A component describes and makes no alarm of its own; `components/monitoring` makes all of them::

    self.monitored = Monitored(
        owner=self,
        name=name,
        alarms=(
            Alarm(
                name="dead-letters",
                meaning="rides were given up; the queue's messages say where in the stream they are",
                runbook="dead-letters",
                metric=Metric(
                    namespace="AWS/SQS",
                    name="ApproximateNumberOfMessagesVisible",
                    dimensions={"QueueName": queue.name},
                    statistic="Maximum",
                ),
                essential=True,
            ),
        ),
    )

`__main__.py` hands every component's `monitored` to `Monitoring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

PLATFORM = "platform"
RUNBOOKS = "docs/runbooks.md"  # a test looks for each alarm's heading there


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric; `dimensions` are all that it is published with, else CloudWatch finds nothing."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Sum"  # or Average, Maximum, Minimum, SampleCount, p95
    period_seconds: int = 60
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Expression:
    """Metric math over metrics of one period, each by the id that the formula calls it."""

    formula: str
    metrics: Mapping[str, Metric]
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm; without `datapoints` every one of the `periods` must be beyond the threshold.

    Args:
        name: What it is called in AWS within project and stack, and in Pulumi within the component.
        meaning: What has happened and where to look, in one sentence.
        runbook: A heading of docs/runbooks.md, as its anchor.
        missing: What a period without data counts as.
        actions: ARNs that are called besides the topic, such as EC2's recovery.
        essential: Whether it loses rides or stops the platform. Then it is there on `monitoring: essential`
            too, where ten alarms are free, and tells the topic `alarms`; the others tell `warnings`.
        aws_name: What it is called in AWS, where that differs from `name`.
    """

    name: str
    meaning: str
    runbook: str
    metric: Metric | Expression
    threshold: float = 0
    comparison: Literal[">", ">=", "<", "<="] = ">"
    periods: int = 1
    datapoints: int | None = None
    missing: Literal["notBreaching", "breaching", "ignore", "missing"] = "notBreaching"
    actions: tuple[pulumi.Input[str], ...] = ()
    essential: bool = False
    aws_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A graph on the dashboard, in the row of its `group`."""

    group: str
    title: str
    metrics: tuple[Metric | Expression, ...]


@dataclass(frozen=True, kw_only=True)
class LogPanel:
    """A graph of what Logs Insights finds each time that somebody looks; it costs by the logs it reads."""

    group: str
    title: str
    log_groups: tuple[pulumi.Input[str], ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """Events of AWS's services that people are told of: EventBridge's `pattern`, `essential` as of alarms."""

    name: str
    meaning: str
    runbook: str
    pattern: Mapping[str, Any]
    essential: bool = True


@dataclass(frozen=True, kw_only=True)
class LogMetric:
    """Log events that match `pattern`, counted as the metric `name` without dimensions."""

    name: str
    log_group: pulumi.Input[str]
    pattern: str
    namespace: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved query of Logs Insights."""

    name: str
    log_groups: tuple[pulumi.Input[str], ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """Everything that a component tells; `owner` is the parent of what is made of it, `name` its name.

    What is no `part` of the platform, such as a person's workstation, has a dashboard of its own and no say
    in whether the platform is healthy.
    """

    owner: pulumi.Resource
    name: str
    part: str = PLATFORM
    alarms: tuple[Alarm, ...] = ()
    panels: tuple[Panel | LogPanel, ...] = ()
    events: tuple[Event, ...] = ()
    log_metrics: tuple[LogMetric, ...] = ()
    queries: tuple[Query, ...] = ()
