"""Alarms on AutoML's tasks and executions, and the page that shows them."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name

_INSIGHTS = "ECS/ContainerInsights"
_RESOURCES = {"cpu": "Cpu", "memory": "Memory"}


def task_alarms(
    name: str,
    tasks: Mapping[str, aws.ecs.TaskDefinition],
    *,
    cluster_name: pulumi.Output[str],
    percent: int,
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Two alarms a task: its CPU, and its memory, which ends it when it is used up."""
    for task, task_definition in tasks.items():
        dimensions = {"ClusterName": cluster_name, "TaskDefinitionFamily": task_definition.family}
        for resource, metric in _RESOURCES.items():
            aws.cloudwatch.MetricAlarm(
                f"{name}-{task}-{resource}",
                name=physical_name(f"automl-{task}-{resource}"),
                alarm_description=f"{task} of AutoML uses {percent} % of its {resource}; give it more with "
                f"automl{task.capitalize()}{'Cpu' if resource == 'cpu' else 'MemoryMib'}",
                metric_queries=[
                    {
                        "id": "share",
                        "expression": "100 * used / reserved",
                        "label": f"{resource} in percent",
                        "return_data": True,
                    },
                    _query("used", f"{metric}Utilized", dimensions),
                    _query("reserved", f"{metric}Reserved", dimensions),
                ],
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=percent,
                evaluation_periods=3,
                treat_missing_data="notBreaching",
                alarm_actions=[topic_arn],
                opts=pulumi.ResourceOptions(parent=parent),
            )


def execution_alarms(
    name: str, machine: aws.sfn.StateMachine, *, topic_arn: pulumi.Input[str], parent: pulumi.Resource
) -> None:
    """An alarm when an execution fails, is aborted or takes too long."""
    for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"):
        suffix = metric.removeprefix("Executions").lower()
        aws.cloudwatch.MetricAlarm(
            f"{name}-{suffix}",
            name=physical_name(f"automl-{suffix}"),
            alarm_description="an execution of AutoML's state machine did not succeed; its history says why",
            namespace="AWS/States",
            metric_name=metric,
            dimensions={"StateMachineArn": machine.arn},
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=300,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            alarm_actions=[topic_arn],
            opts=pulumi.ResourceOptions(parent=parent),
        )


def dashboard(
    name: str,
    tasks: Mapping[str, aws.ecs.TaskDefinition],
    *,
    cluster_name: pulumi.Output[str],
    machine: aws.sfn.StateMachine | None,
    region: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.cloudwatch.Dashboard:
    """CPU and memory of each task, and the executions."""
    families = [task_definition.family for task_definition in tasks.values()]
    widgets = [
        _widget(
            f"{metric} in use",
            [
                [_INSIGHTS, f"{metric}Utilized", "ClusterName", cluster_name, "TaskDefinitionFamily", family]
                for family in families
            ],
            region,
            at=index,
        )
        for index, metric in enumerate(_RESOURCES.values())
    ]
    if machine:
        executions = [
            ["AWS/States", f"Executions{how}", "StateMachineArn", machine.arn]
            for how in ("Started", "Succeeded", "Failed", "TimedOut")
        ]
        widgets.append(_widget("Executions", executions, region, at=2))
    return aws.cloudwatch.Dashboard(
        f"{name}-dashboard",
        dashboard_name=physical_name("automl"),
        dashboard_body=pulumi.Output.json_dumps({"widgets": widgets}),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _query(id_: str, metric: str, dimensions: Mapping[str, pulumi.Input[str]]) -> Any:
    return {
        "id": id_,
        "metric": {
            "namespace": _INSIGHTS,
            "metric_name": metric,
            "dimensions": dimensions,
            "period": 300,
            "stat": "Maximum",
        },
    }


def _widget(title: str, metrics: list[Any], region: Any, *, at: int) -> dict[str, Any]:
    properties = {"title": title, "metrics": metrics, "region": region, "stat": "Maximum", "period": 300}
    return {"type": "metric", "x": 8 * at, "y": 0, "width": 8, "height": 6, "properties": properties}
