"""What is worth an alarm in AutoML's tasks and executions."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.common.monitored import Alarm, Expression, Metric, Panel

_RESOURCES = {"cpu": "Cpu", "memory": "Memory"}
_EXECUTIONS = ("Failed", "TimedOut", "Aborted")
_FIVE_MINUTES = 300
_GROUP = "AutoML"


def task_alarms(
    tasks: Mapping[str, aws.ecs.TaskDefinition], cluster_name: pulumi.Input[str], percent: int
) -> tuple[Alarm, ...]:
    """Two alarms a task: its CPU, and its memory, which ends it when it is used up."""
    return tuple(
        Alarm(
            name=f"{task}-{resource}",
            aws_name=f"automl-{task}-{resource}",
            meaning=f"{task} of AutoML uses {percent} % of its {resource}; give it more with "
            f"automl{task.capitalize()}{'Cpu' if resource == 'cpu' else 'MemoryMib'}",
            runbook="automl-failed",
            metric=Expression(
                formula="100 * used / reserved",
                metrics={
                    "used": _insight(f"{metric}Utilized", cluster_name, made),
                    "reserved": _insight(f"{metric}Reserved", cluster_name, made),
                },
                label=f"{resource} in percent",
            ),
            threshold=percent,
            comparison=">=",
            periods=3,
        )
        for task, made in tasks.items()
        for resource, metric in _RESOURCES.items()
    )


def execution_alarms(machine: aws.sfn.StateMachine) -> tuple[Alarm, ...]:
    """An alarm when an execution fails, is aborted or takes too long."""
    return tuple(
        Alarm(
            name=how.lower(),
            aws_name=f"automl-{how.lower()}",
            meaning="an execution of AutoML's state machine did not succeed; its history says why",
            runbook="automl-failed",
            metric=_executions(how, machine),
        )
        for how in _EXECUTIONS
    )


def panels(
    tasks: Mapping[str, aws.ecs.TaskDefinition],
    cluster_name: pulumi.Input[str],
    machine: aws.sfn.StateMachine | None,
) -> tuple[Panel, ...]:
    """CPU and memory of each task, and the executions."""
    used = [
        Panel(
            group=_GROUP,
            title=f"{metric} in use",
            metrics=tuple(
                _insight(f"{metric}Utilized", cluster_name, made, label=task) for task, made in tasks.items()
            ),
        )
        for metric in _RESOURCES.values()
    ]
    if machine:
        metrics = tuple(_executions(how, machine) for how in ("Started", "Succeeded", *_EXECUTIONS))
        used.append(Panel(group=_GROUP, title="Executions", metrics=metrics))
    return tuple(used)


def _insight(
    name: str, cluster_name: pulumi.Input[str], made: aws.ecs.TaskDefinition, *, label: str = ""
) -> Metric:
    return Metric(
        namespace="ECS/ContainerInsights",
        name=name,
        dimensions={"ClusterName": cluster_name, "TaskDefinitionFamily": made.family},
        statistic="Maximum",
        period_seconds=_FIVE_MINUTES,
        label=label,
    )


def _executions(how: str, machine: aws.sfn.StateMachine) -> Metric:
    return Metric(
        namespace="AWS/States",
        name=f"Executions{how}",
        dimensions={"StateMachineArn": machine.arn},
        period_seconds=_FIVE_MINUTES,
    )
