"""What an instance may do in AWS; its containers act under the same role."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.common.iam import Document, statement
from components.common.instance_role import instance_statements

UPDATE_DOCUMENT = "AWS-RunShellScript"


def host_statements(
    *,
    files_arn: Any,
    parameter_arn: Any,
    log_group_arn: Any,
    repository_arns: Sequence[Any],
    partition: Any,
    region: Any,
    account: Any,
) -> list[Document]:
    """What every instance needs: files, images, logs, metrics, and to be reached by Systems Manager."""
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [
        *instance_statements(files_arn=files_arn, parameter_arn=parameter_arn, log_group_arn=log_group_arn),
        *_updates(partition, region, account),
        *([statement(pull, repository_arns, sid="PullImages")] if repository_arns else []),
        *(
            [statement(["ecr:GetAuthorizationToken"], ["*"], sid="LogInToRegistry")]
            if repository_arns
            else []
        ),
    ]


def _updates(partition: Any, region: Any, account: Any) -> list[Document]:
    """Running the commands that the stack sends; the instance's own ARN is not known before it is there."""

    def arn(template: str) -> pulumi.Output[str]:
        return pulumi.Output.format(template, partition, region, account)

    document = arn(f"arn:{{0}}:ssm:{{1}}:*:document/{UPDATE_DOCUMENT}")
    instances = arn("arn:{0}:ec2:{1}:{2}:instance/*")
    return [
        statement(["ssm:DescribeDocument", "ssm:GetDocument"], [document], sid="ReadUpdateDocument"),
        statement(
            [
                "ssm:DescribeAssociation",
                "ssm:UpdateAssociationStatus",
                "ssm:UpdateInstanceAssociationStatus",
            ],
            [document, instances, arn("arn:{0}:ssm:{1}:{2}:association/*")],
            sid="ReportUpdateStatus",
        ),
    ]


def secret(arn: Any) -> Document:
    """Reading the secret of the containers."""
    return statement(["secretsmanager:GetSecretValue"], [arn], sid="ReadSecret")
