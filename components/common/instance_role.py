"""The role of an EC2 instance, the profile that gives it, and Systems Manager as the way in."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.iam import Document, assume_role, policy, statement
from components.common.names import metrics_namespace, physical_name

# What Systems Manager's agent calls. It is less than AmazonSSMManagedInstanceCore, which reads any parameter
# of the account. These actions know no resource:
_AGENT = [
    "ssm:ListAssociations",
    "ssm:ListInstanceAssociations",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]


def instance_role(
    name: str, purpose: str, statements: Sequence[Document], *, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.InstanceProfile, pulumi.Resource]:
    """A role for an instance, the profile that gives it the role, and the grant of `statements`."""
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-{purpose}",
        name=physical_name(f"{purpose}-instance"),
        assume_role_policy=pulumi.Output.json_dumps(assume_role("ec2.amazonaws.com")),
        opts=opts,
    )
    grant = aws.iam.RolePolicy(
        f"{name}-{purpose}",
        role=role.name,
        policy=pulumi.Output.json_dumps(policy(*statements)),
        opts=opts,
    )
    profile = aws.iam.InstanceProfile(
        f"{name}-{purpose}", name=physical_name(f"{purpose}-instance"), role=role.name, opts=opts
    )
    return role, profile, grant


def systems_manager() -> Document:
    """Being reached by Systems Manager: sessions, and commands that associations send."""
    return statement(_AGENT, ["*"], sid="ConnectToSystemsManager")


def instance_statements(*, files_arn: Any, parameter_arn: Any, log_group_arn: Any) -> list[Document]:
    """What every instance needs: its files, its logs, metrics, and to be reached by Systems Manager."""
    return [
        statement(["s3:GetObjectVersion"], [files_arn], sid="ReadInstanceFiles"),
        statement(["ssm:GetParameter"], [parameter_arn], sid="ReadInstanceFilesVersion"),
        statement(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [pulumi.Output.format("{0}:*", log_group_arn)],
            sid="WriteLogs",
        ),
        statement(
            ["cloudwatch:PutMetricData"],
            ["*"],  # knows no resource
            sid="PutMetrics",
            conditions={"StringEquals": {"cloudwatch:namespace": metrics_namespace()}},
        ),
        systems_manager(),
    ]
