"""The role of an EC2 instance, the profile that gives it, and Systems Manager as the way in."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.iam import Document, assume_role, policy, statement
from components.common.names import physical_name

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
