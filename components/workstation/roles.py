"""What the workstation may do in AWS, and what may take snapshots of the data volume."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.account import account_id, from_this_account, partition
from components.common.data_access import NamedArn
from components.common.iam import Document, assume_role, policy, statement
from components.common.names import physical_name

# What notebooks read of the platform's data; they write to the buckets of the workstation.
_READ = ("raw", "processed", "predictions", "actuals", "models")


def platform_data(bucket: NamedArn) -> list[Document]:
    """Reading trips, predictions and published models."""
    objects = [pulumi.Output.format("{0}/{1}/*", bucket.arn, folder) for folder in _READ]
    return [
        statement(["s3:ListBucket"], [bucket.arn], sid="ListPlatformData"),
        statement(["s3:GetObject"], objects, sid="ReadPlatformData"),
    ]


def secret(arn: Any) -> Document:
    """Reading JupyterLab's token and MLflow's password."""
    return statement(["secretsmanager:GetSecretValue"], [arn], sid="ReadSecret")


def code(arn: Any) -> Document:
    """Reading the one version of the code that the stack names."""
    return statement(["s3:GetObjectVersion"], [arn], sid="ReadCode")


def snapshot_role(
    name: str, volume_arn: Any, *, parent: pulumi.Resource
) -> tuple[aws.iam.Role, pulumi.Resource]:
    """The role by which Data Lifecycle Manager makes and deletes snapshots of one volume, and its grant."""
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-snapshots",
        name=physical_name("workstation-snapshots"),
        assume_role_policy=pulumi.Output.json_dumps(
            assume_role("dlm.amazonaws.com", conditions=_policies_of_this_account(parent))
        ),
        opts=opts,
    )
    grant = aws.iam.RolePolicy(
        f"{name}-snapshots",
        role=role.name,
        policy=pulumi.Output.json_dumps(policy(*_snapshots(volume_arn, parent))),
        opts=opts,
    )
    return role, grant


def _policies_of_this_account(parent: pulumi.Resource) -> dict[str, dict[str, Any]]:
    """https://docs.aws.amazon.com/ebs/latest/userguide/dlm-prerequisites.html#dlm-trust."""
    region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
    policies = pulumi.Output.format(
        "arn:{0}:dlm:{1}:{2}:policy/*", partition(parent), region, account_id(parent)
    )
    return {**from_this_account(parent), "ArnLike": {"aws:SourceArn": policies}}


def _snapshots(volume_arn: Any, parent: pulumi.Resource) -> Sequence[Document]:
    """The part of AWSDataLifecycleManagerServiceRole that snapshots of one volume in its region need."""
    region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
    snapshots = pulumi.Output.format("arn:{0}:ec2:{1}::snapshot/*", partition(parent), region)
    by_the_policy = {"Null": {"aws:ResourceTag/aws:dlm:lifecycle-policy-id": "false"}}
    making = {"StringEquals": {"ec2:CreateAction": "CreateSnapshot"}}
    return [
        statement(["ec2:CreateSnapshot"], [volume_arn, snapshots], sid="MakeSnapshots"),
        statement(["ec2:CreateTags"], [snapshots], sid="TagSnapshots", conditions=making),
        statement(["ec2:DeleteSnapshot"], [snapshots], sid="DeleteSnapshots", conditions=by_the_policy),
        statement(["ec2:DescribeSnapshots", "ec2:DescribeVolumes"], ["*"], sid="FindSnapshots"),
    ]
