"""The cases of alarms, messages and AWS Config, as those in cases.py."""

from collections.abc import Mapping
from typing import Any

from ops.costs.model import Resource

WATCHING: list[tuple[str, Mapping[str, Any], list[Resource], Mapping[str, str]]] = [
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 60}, [], {"alarm": "0.1000"}),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 10}, [], {"alarm": "0.3000"}),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {"metricQueries": [{"metric": {}}, {"metric": {}}, {"expression": "m1 / m2"}]},
        [],
        {"alarm": "0.2000"},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {"period": 60, "dimensions": {"Host": "p-host-dev"}},
        [],
        {"alarm": "0.1000", "metric of the instance": "0.3000", "requests that send it": "0.4380"},
    ),
    ("aws:appautoscaling/policy:Policy", {}, [], {"alarms of target tracking": "0.2000"}),
    ("aws:cloudwatch/compositeAlarm:CompositeAlarm", {}, [], {"composite alarm": "0.5000"}),
    ("aws:cfg/recorder:Recorder", {}, [], {"records of resources": "0.9000"}),  # 300 x 0.003
    ("aws:cfg/rule:Rule", {}, [], {"checks by the rule": "0.6000"}),  # 600 x 0.001
    ("aws:cloudwatch/dashboard:Dashboard", {}, [], {"dashboard": "3.0000"}),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", {}, [], {"metric of the filter": "0.3000"}),
    ("aws:sns/topic:Topic", {}, [], {"messages published": "0.0000"}),
    ("aws:sns/topicSubscription:TopicSubscription", {"protocol": "email"}, [], {"e-mails": "0.0006"}),
    ("aws:sns/topicSubscription:TopicSubscription", {"protocol": "lambda"}, [], {}),
]
