"""Log groups, alarms and dashboards; moto stores alarms and does not evaluate them."""

from collections.abc import Mapping
from typing import Any

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, picked, tag_list

_ALARM = {
    "alarmDescription": "AlarmDescription",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "statistic": "Statistic",
    "extendedStatistic": "ExtendedStatistic",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparisonOperator": "ComparisonOperator",
    "treatMissingData": "TreatMissingData",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
}


def _log_group(clients: Clients, resource: Registration) -> Created:
    name, logs = name_of(resource), clients("logs")
    logs.create_log_group(logGroupName=name, tags=dict(resource.inputs.get("tags") or {}))
    if days := resource.inputs.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next(group["arn"] for group in found if group["logGroupName"] == name)
    return Created(id=name, outputs={"name": name, "arn": arn.removesuffix(":*")})


def _alarm(clients: Clients, resource: Registration) -> Created:
    name, cloudwatch = name_of(resource), clients("cloudwatch")
    queries = resource.inputs.get("metricQueries")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Dimensions=_dimensions(resource.inputs),
        Tags=tag_list(resource),
        **({"Metrics": [_query(one) for one in queries]} if queries else {}),
        **picked(resource.inputs, _ALARM),
    )
    arn = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]
    return Created(id=name, outputs={"name": name, "arn": arn})


def _dimensions(metric: Mapping[str, Any]) -> list[Any]:
    return [{"Name": key, "Value": value} for key, value in (metric.get("dimensions") or {}).items()]


def _query(query: Mapping[str, Any]) -> Any:
    """An element of metric math: the expression, or a metric in it."""
    if "expression" in query:
        return {"Id": query["id"], "Expression": query["expression"], "ReturnData": True}
    metric = query["metric"]
    watched = {
        "Namespace": metric["namespace"],
        "MetricName": metric["metricName"],
        "Dimensions": _dimensions(metric),
    }
    stat = {"Metric": watched, "Period": metric["period"], "Stat": metric["stat"]}
    return {"Id": query["id"], "MetricStat": stat, "ReturnData": False}


def _dashboard(clients: Clients, resource: Registration) -> Created:
    name = resource.inputs["dashboardName"]
    clients("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=resource.inputs["dashboardBody"])
    return Created(id=name, outputs={"dashboardName": name})


CREATORS: dict[str, Creator] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
}
