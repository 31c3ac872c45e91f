"""What the service may do in AWS, and what ECS may do to start its tasks and to move requests to new ones."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.common.data_access import NamedArn
from components.common.iam import Document, statement
from components.common.settings import ModelSettings
from components.serving.routing import Routing


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
