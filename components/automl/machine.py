"""The state machine's resource, its role and what starts it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.automl import roles
from components.automl.definition import Where, definition
from components.automl.settings import AutomlSettings
from components.automl.tasks import Definitions
from components.common.iam import statement
from components.common.names import physical_name
from components.common.service_role import service_role


def state_machine_name(settings: AutomlSettings) -> str:
    """What the state machine is called; empty where the settings ask for none."""
    return physical_name("automl") if settings.automl and settings.automl_state_machine else ""


def started_machine_name(settings: AutomlSettings) -> str:
    """The state machine that the training's DAG starts; empty where the settings do not ask for it."""
    return state_machine_name(settings) if settings.automl_after_training else ""


def state_machine(
    name: str,
    settings: AutomlSettings,
    where: Mapping[str, Any],
    made_tasks: Definitions,
    *,
    log_group: aws.cloudwatch.LogGroup,
    parent: pulumi.Resource,
) -> aws.sfn.StateMachine:
    """Search, training and prediction in order, by hand or at the settings' times.

    Args:
        name: The component's.
        settings: AutoML's.
        where: The fields of `Where` that all tasks share.
        made_tasks: The task definitions and their roles.
        log_group: For the history.
        parent: The component.
    """
    tasks = made_tasks.of_machine()
    role, grant = _role(name, where, tasks, made_tasks.passed(), parent)
    document = definition(
        Where(
            **where,
            task_definitions={task: made.arn for task, made in tasks.items()},
            timeout_seconds=settings.automl_task_timeout_seconds,
            heartbeat_seconds=settings.automl_heartbeat_seconds,
        )
    )
    made = aws.sfn.StateMachine(
        f"{name}-machine",
        name=state_machine_name(settings),
        role_arn=role.arn,
        definition=pulumi.Output.json_dumps(document),
        logging_configuration={
            "level": "ALL",
            "include_execution_data": True,
            "log_destination": pulumi.Output.format("{0}:*", log_group.arn),
        },
        tracing_configuration={"enabled": settings.automl_tracing},
        # Step Functions tries the role on the log group when the machine is made.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[grant]),
    )
    if settings.automl_schedule:
        _schedule(name, settings.automl_schedule, made, parent)
    return made


def _role(
    name: str,
    where: Mapping[str, Any],
    tasks: Mapping[str, aws.ecs.TaskDefinition],
    role_arns: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    statements = roles.machine_statements(
        cluster_arn=where["cluster_arn"],
        family_arns=[task.arn_without_revision for task in tasks.values()],
        role_arns=role_arns,
        topic_arn=where["topic_arn"],
        parent=parent,
    )
    return service_role(name, "state-machine", statements, assumed_by="states.amazonaws.com", parent=parent)


def _schedule(name: str, expression: str, machine: aws.sfn.StateMachine, parent: pulumi.Resource) -> None:
    allowed = statement(["states:StartExecution"], [machine.arn], sid="Start")
    role, grant = service_role(
        name, "schedule", [allowed], assumed_by="scheduler.amazonaws.com", parent=parent
    )
    aws.scheduler.Schedule(
        f"{name}-schedule",
        name=physical_name("automl"),
        schedule_expression=expression,
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": machine.arn,
            "role_arn": role.arn,
            "input": "{}",
            "retry_policy": {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 5},
        },
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[grant]),
    )
