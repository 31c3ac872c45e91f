"""Where a stack is in AWS: partition and account, as the provider's credentials decide."""

from typing import Any

import pulumi
import pulumi_aws as aws


def partition(parent: pulumi.Resource) -> pulumi.Output[str]:
    """`aws`, or the name of another partition such as `aws-us-gov`, which every ARN begins with."""
    return aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=parent)).partition


def account_id(parent: pulumi.Resource) -> pulumi.Output[str]:
    """The account's twelve digits."""
    return aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id


def from_this_account(parent: pulumi.Resource) -> dict[str, dict[str, Any]]:
    """Conditions of a trust policy: the service acts for this account, not for a stranger's resource.

    For services whose documentation names `aws:SourceAccount` in a role's trust. EC2 and Lambda do not:
    they take on a role only where `iam:PassRole` let someone of this account set it.
    """
    return {"StringEquals": {"aws:SourceAccount": account_id(parent)}}
