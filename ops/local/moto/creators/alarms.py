"""Log groups and alarms; moto stores alarms and does not evaluate them."""

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
    dimensions = resource.inputs.get("dimensions") or {}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        Tags=tag_list(resource),
        **picked(resource.inputs, _ALARM),
    )
    arn = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]
    return Created(id=name, outputs={"name": name, "arn": arn})


CREATORS: dict[str, Creator] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
}
