"""What AutoML's tasks may do in AWS, what ECS may do to start them, and the state machine to run them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.account import account_id, partition
from components.common.data_access import NamedArn
from components.common.iam import Document, statement

# What each task reads and writes in the data bucket.
_READS: Mapping[str, Sequence[str]] = {
    "optimize": ("raw", "automl"),
    "train": ("raw", "automl", "models"),
    "predict": ("raw", "uploads", "models", "predictions/batch"),
    "worker": ("raw",),
}
_WRITES: Mapping[str, Sequence[str]] = {
    "optimize": ("automl",),
    "train": ("models",),
    "predict": ("predictions/batch",),
}


def execution_statements(
    *, repository_arns: Sequence[Any], log_group_arns: Sequence[Any], secret_arns: Sequence[Any]
) -> list[Document]:
    """Pulling these images, writing to these logs, reading these secrets: no more than the tasks need."""
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    streams = [pulumi.Output.format("{0}:log-stream:*", arn) for arn in log_group_arns]
    return [
        statement(["ecr:GetAuthorizationToken"], ["*"], sid="LogInToRegistry"),  # knows no resource
        statement(pull, repository_arns, sid="Images"),
        statement(["logs:CreateLogStream", "logs:PutLogEvents"], streams, sid="Logs"),
        statement(["secretsmanager:GetSecretValue"], secret_arns, sid="Secrets"),
    ]


def task_statements(task: str, bucket: NamedArn) -> list[Document]:
    """What a task does in the data bucket; the pipeline does what the three do."""
    parts = list(_WRITES) if task == "pipeline" else [task]
    reads = sorted({prefix for part in parts for prefix in _READS[part]})
    writes = sorted({prefix for part in parts for prefix in _WRITES.get(part, ())})
    found = [
        # Without it S3 answers AccessDenied, not NoSuchKey, where there is no object.
        statement(["s3:ListBucket"], [bucket.arn], sid="Bucket"),
        statement(["s3:GetObject"], _objects(bucket, reads), sid="Read"),
    ]
    if writes:
        grant = ["s3:PutObject", "s3:AbortMultipartUpload"]
        found.append(statement(grant, _objects(bucket, writes), sid="Write"))
    return found


def heartbeat_statement() -> Document:
    """Telling a state machine how the task does, which takes the token that the machine gave it."""
    told = ["states:SendTaskFailure", "states:SendTaskHeartbeat"]
    return statement(told, ["*"], sid="Heartbeat")  # these know no resource


def run_statements(
    *, cluster_arn: pulumi.Output[str], family_arns: Sequence[Any], role_arns: Sequence[Any]
) -> list[Document]:
    """Running tasks of these families on the cluster, under these roles, and stopping them."""
    here = {"ArnEquals": {"ecs:cluster": cluster_arn}}
    revisions = [pulumi.Output.format("{0}:*", arn) for arn in family_arns]
    passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    return [
        statement(["ecs:RunTask"], revisions, sid="RunTask", conditions=here),
        statement(["ecs:DescribeTasks", "ecs:StopTask"], [_tasks(cluster_arn)], sid="Tasks", conditions=here),
        statement(["iam:PassRole"], role_arns, sid="PassRole", conditions=passed),
    ]


def machine_statements(
    *,
    cluster_arn: pulumi.Output[str],
    family_arns: Sequence[Any],
    role_arns: Sequence[Any],
    topic_arn: Any,
    parent: pulumi.Resource,
) -> list[Document]:
    """Running the tasks and waiting for them, telling of a failure, and keeping the history."""
    region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
    rule = pulumi.Output.format(
        "arn:{0}:events:{1}:{2}:rule/StepFunctionsGetEventsForECSTaskRule",
        partition(parent), region, account_id(parent),
    )  # fmt: skip
    return [
        *run_statements(cluster_arn=cluster_arn, family_arns=family_arns, role_arns=role_arns),
        # A task that gets its definition's tags: ECS asks for this too, or refuses RunTask.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
        statement(
            ["ecs:TagResource"],
            [_tasks(cluster_arn)],
            sid="TagTasks",
            conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        statement(["events:DescribeRule", "events:PutRule", "events:PutTargets"], [rule], sid="Wait"),
        statement(["sns:Publish"], [topic_arn], sid="Notify"),
        *_history_statements(),
    ]


def _history_statements() -> list[Document]:
    """Delivering the history to a log group and to X-Ray."""
    return [
        # These know no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        statement(
            [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            ["*"],
            sid="LogDelivery",
        ),
        statement(
            [
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            ["*"],
            sid="Tracing",
        ),
    ]


def _tasks(cluster_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """All tasks of the cluster."""
    return cluster_arn.apply(lambda arn: arn.replace(":cluster/", ":task/") + "/*")


def _objects(bucket: NamedArn, prefixes: Sequence[str]) -> list[Any]:
    return [pulumi.Output.format("{0}/{1}/*", bucket.arn, prefix) for prefix in prefixes]
