"""CloudWatch, CloudTrail, AWS Config, notifications and budgets."""

from collections.abc import Iterator
from decimal import Decimal

from ops.costs.model import Line, Resource
from ops.costs.pricing import HOURS, Free, Pricing, Rules

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_CONFIG_RULE = "aws:cfg/rule:Rule"
_ONE_MINUTE = 60
_HOST = "Host"  # the dimension of metrics that an instance sends


def log_group(one: Resource, at: Pricing) -> Iterator[Line]:
    """What is written costs once, what is kept costs by the month, compressed."""
    written = at.usage.log(str(one.inputs.get("name") or one.name))
    kept = Decimal(str(one.inputs.get("retentionInDays") or 0)) or Decimal(365)
    price = "cloudwatch.logs.vended" if "/vpc/" in str(one.inputs.get("name")) else "cloudwatch.logs.in"
    yield at.line(one, "logs written", written, price)
    months = kept * 24 / HOURS
    stored = written * months * at.usage.log_compression
    yield at.line(one, f"logs kept for {kept} days", stored, "cloudwatch.logs.kept")


def alarm(one: Resource, at: Pricing) -> Iterator[Line]:
    """An alarm costs for each metric that it watches; a metric of an instance's own comes with its alarm."""
    metrics = sum("metric" in query for query in one.inputs.get("metricQueries") or ()) or 1
    period = one.inputs.get("period") or _ONE_MINUTE
    fast = ".fast" if period < _ONE_MINUTE else ""
    yield at.line(one, "alarm", metrics, f"cloudwatch.alarm{fast}")
    if _HOST in (one.inputs.get("dimensions") or {}):
        # Metrics cost for the hours in which they are sent.
        hours = _host_hours(one, at)
        note = "" if hours == HOURS else f"sent for {hours:.0f} of {HOURS} h"
        yield at.line(one, "metric of the instance", hours / HOURS, "cloudwatch.metric", note)
        yield at.line(one, "requests that send it", hours * 60, "cloudwatch.requests")


def scaling_policy(one: Resource, at: Pricing) -> Iterator[Line]:
    """Target tracking makes two alarms, for more and for less, which watch the policy's metrics each."""
    tracking = one.inputs.get("targetTrackingScalingPolicyConfiguration") or {}
    custom = tracking.get("customizedMetricSpecification") or {}
    metrics = sum("metricStat" in each for each in custom.get("metrics") or ()) or 1
    yield at.line(one, "alarms of target tracking", 2 * metrics, "cloudwatch.alarm")


def composite_alarm(one: Resource, at: Pricing) -> Iterator[Line]:
    """Alarms on alarms have a price of their own."""
    yield at.line(one, "composite alarm", 1, "cloudwatch.alarm.composite")


def dashboard(one: Resource, at: Pricing) -> Iterator[Line]:
    """Dashboards cost by the month."""
    yield at.line(one, "dashboard", 1, "cloudwatch.dashboard")


def recorder(one: Resource, at: Pricing) -> Iterator[Line]:
    """AWS Config bills each record of a resource, and each check of one by a rule."""
    yield at.line(one, "records of resources", at.usage.config_items, "config.items")


def config_rule(one: Resource, at: Pricing) -> Iterator[Line]:
    """The stack's rules share the checks of the usage."""
    share = at.usage.config_checks / len(at.graph.all(_CONFIG_RULE))
    yield at.line(one, "checks by the rule", share, "config.checks")


def topic(one: Resource, at: Pricing) -> Iterator[Line]:
    """Messages cost as they are published; what is sent by e-mail is priced with its subscription."""
    yield at.line(one, "messages published", at.usage.email_messages, "sns.requests")


def subscription(one: Resource, at: Pricing) -> Iterator[Line]:
    """E-mails have a price; messages to Lambda and SQS are free."""
    if str(one.inputs.get("protocol", "")).startswith("email"):
        yield at.line(one, "e-mails", at.usage.email_messages, "sns.email")


def metric_filter(one: Resource, at: Pricing) -> Iterator[Line]:
    """A filter is free; the metric that it makes is a custom one."""
    yield at.line(one, "metric of the filter", 1, "cloudwatch.metric")


def _host_hours(one: Resource, at: Pricing) -> Decimal:
    host = str(one.inputs["dimensions"][_HOST])
    for instance in at.graph.all("aws:ec2/instance:Instance"):
        tags = instance.inputs.get("tagsAll") or instance.inputs.get("tags") or {}
        if tags.get("Name") == host:
            return at.hours(instance)
    return HOURS


RULES: Rules = {
    "aws:appautoscaling/policy:Policy": scaling_policy,
    "aws:cfg/recorder:Recorder": recorder,
    _CONFIG_RULE: config_rule,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": composite_alarm,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    ALARM: alarm,
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
}
FREE: Free = {
    "aws:appautoscaling/target:Target": "the tasks are priced",
    "aws:budgets/budget:Budget": "budgets without actions are free",
    "aws:cfg/deliveryChannel:DeliveryChannel": "the records are priced, and the bucket",
    "aws:cfg/recorderStatus:RecorderStatus": "the records are priced",
    "aws:cloudtrail/trail:Trail": "an account's first copy of management events is free",
    "aws:cloudwatch/eventRule:EventRule": "events of AWS's services are free",
    "aws:cloudwatch/eventTarget:EventTarget": "events of AWS's services are free",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policies are free",
    "aws:cloudwatch/logStream:LogStream": "the log group is priced",
    "aws:cloudwatch/queryDefinition:QueryDefinition": "queries cost when they run",
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": "anomaly detection is free",
    "aws:costexplorer/anomalySubscription:AnomalySubscription": "anomaly detection is free",
    "aws:sns/topicPolicy:TopicPolicy": "the topic is priced",
}
