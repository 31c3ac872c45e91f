"""A role that a service of AWS takes on for this account alone."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.account import from_this_account
from components.common.iam import Document, assume_role, policy
from components.common.names import physical_name


def service_role(
    name: str, purpose: str, statements: Sequence[Document], *, assumed_by: str, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role `<name>-<purpose>`, which AWS's `assumed_by` takes on for this account, and its policy."""
    opts = pulumi.ResourceOptions(parent=parent)
    made = aws.iam.Role(
        f"{name}-{purpose}",
        name=physical_name(f"{name}-{purpose}"),
        assume_role_policy=pulumi.Output.json_dumps(
            assume_role(assumed_by, conditions=from_this_account(parent))
        ),
        opts=opts,
    )
    grant = aws.iam.RolePolicy(
        f"{name}-{purpose}", role=made.name, policy=pulumi.Output.json_dumps(policy(*statements)), opts=opts
    )
    return made, grant
