"""What the service may do in AWS, and what ECS may do to start its tasks and to move requests to new ones."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.account import from_this_account
from components.common.data_access import NamedArn
from components.common.iam import Document, assume_role, policy, statement
from components.common.names import physical_name
from components.common.settings import ModelSettings
from components.serving.routing import Routing


def role(
    name: str, purpose: str, statements: Sequence[Document], *, assumed_by: str, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role `serving-<purpose>`, which AWS's `assumed_by` takes on for this account, and its policy."""
    opts = pulumi.ResourceOptions(parent=parent)
    made = aws.iam.Role(
        f"{name}-{purpose}",
        name=physical_name(f"serving-{purpose}"),
        assume_role_policy=pulumi.Output.json_dumps(
            assume_role(assumed_by, conditions=from_this_account(parent))
        ),
        opts=opts,
    )
    grant = aws.iam.RolePolicy(
        f"{name}-{purpose}", role=made.name, policy=pulumi.Output.json_dumps(policy(*statements)), opts=opts
    )
    return made, grant


def task_statements(bucket: NamedArn, model: ModelSettings) -> list[Document]:
    """Reading which version is served, and the versions of this one model."""
    folder = f"models/{model.model_name}"
    objects = [
        pulumi.Output.format("{0}/{1}", bucket.arn, key)
        for key in (f"{folder}/{model.model_alias}.json", f"{folder}/versions/*")
    ]
    return [
        statement(["s3:GetObject"], objects, sid="ReadModel"),
        # Without it S3 answers AccessDenied, not NoSuchKey, where there is no object.
        statement(["s3:ListBucket"], [bucket.arn], sid="ListDataBucket"),
    ]


def execution_statements(repository_arns: Sequence[Any], log_group_arn: Any) -> list[Document]:
    """Pulling the image and writing the log."""
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    images = [statement(pull, repository_arns, sid="PullImage")] if repository_arns else []
    return [
        statement(["ecr:GetAuthorizationToken"], ["*"], sid="LogInToRegistry"),  # knows no resource
        *images,
        statement(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [pulumi.Output.format("{0}:log-stream:*", log_group_arn)],
            sid="WriteLogs",
        ),
    ]


def infrastructure_statements(routing: Routing) -> list[Document]:
    """What AWS's AmazonECSInfrastructureRolePolicyForLoadBalancers grants, on this service's own resources.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    return [
        statement(
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],  # these know no resource
            sid="FindTargets",
        ),
        statement(
            ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            [routing.blue.arn, routing.green.arn],
            sid="RegisterTasks",
        ),
        statement(["elasticloadbalancing:ModifyRule"], [routing.rule.arn], sid="MoveRequests"),
    ]
