"""What the tasks of Airflow and MLflow may do in AWS, and what ECS may do to start them."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.account import from_this_account, partition
from components.common.iam import Document, assume_role, policy, statement
from components.common.names import physical_name

_TASKS = "ecs-tasks.amazonaws.com"
_EXECUTION_POLICY = "arn:{0}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


class Roles:
    """Makes roles that ECS tasks take on, each with one inline policy."""

    def __init__(self, name: str, *, parent: pulumi.Resource) -> None:
        self._name = name
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)

    def execution(
        self, secret_arns: Sequence[pulumi.Input[str]]
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """The role by which ECS pulls images, writes logs and reads the secrets; with what grants it that."""
        role, grant = self.task(
            "execution", [statement(["secretsmanager:GetSecretValue"], secret_arns, sid="ReadSecrets")]
        )
        managed = aws.iam.RolePolicyAttachment(
            f"{self._name}-execution",
            role=role.name,
            policy_arn=pulumi.Output.format(_EXECUTION_POLICY, partition(self._parent)),
            opts=self._opts,
        )
        return role, [grant, managed]

    def task(self, name_suffix: str, statements: Sequence[Document]) -> tuple[aws.iam.Role, pulumi.Resource]:
        """A role for a task and its policy."""
        role = aws.iam.Role(
            f"{self._name}-{name_suffix}",
            name=physical_name(f"ecs-{name_suffix}"),
            assume_role_policy=pulumi.Output.json_dumps(
                assume_role(_TASKS, conditions=from_this_account(self._parent))
            ),
            opts=self._opts,
        )
        grant = aws.iam.RolePolicy(
            f"{self._name}-{name_suffix}",
            role=role.name,
            policy=pulumi.Output.json_dumps(policy(*statements)),
            opts=self._opts,
        )
        return role, grant


def logs(group_arn: Any) -> Document:
    """Writing to the log streams of a group."""
    return statement(
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [pulumi.Output.format("{0}:log-stream:*", group_arn)],
        sid="WriteLogs",
    )


def exec_sessions(log_group_arn: Any) -> list[Document]:
    """What ECS Exec's agent needs: its channel, and the group that a session is logged to.

    The first two know no resource (Service Authorization Reference); without the log group a session fails.
    """
    channel = statement(
        [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        ["*"],
        sid="OpenEcsExecChannels",
    )
    return [
        channel,
        statement(["logs:DescribeLogGroups"], ["*"], sid="FindLogGroup"),
        statement(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [pulumi.Output.format("{0}:*", log_group_arn)],
            sid="WriteSessionLogs",
        ),
    ]


def run_tasks(
    *, cluster_arn: Any, family_arn: Any, tasks_arn: Any, role_arns: Sequence[Any]
) -> list[Document]:
    """Starting tasks of one family on one cluster, watching and stopping them.

    Every revision is allowed: during a rollout the old scheduler starts tasks of the revision it knows.
    """
    here = {"ArnEquals": {"ecs:cluster": cluster_arn}}
    revisions = pulumi.Output.format("{0}:*", family_arn)
    return [
        statement(["ecs:RunTask"], [revisions], sid="RunTask", conditions=here),
        statement(
            ["ecs:DescribeTasks", "ecs:StopTask"], [tasks_arn], sid="DescribeAndStopTasks", conditions=here
        ),
        statement(
            ["iam:PassRole"],
            role_arns,
            sid="PassTaskRoles",
            conditions={"StringEquals": {"iam:PassedToService": _TASKS}},
        ),
    ]
