"""Turns off what keeps AWS from deleting a stack's resources, or brings them back, for a stack to take down.

Pulumi's own way is `deletionProtection` false and `pulumi up`; this one needs no update that succeeds, so it
also works after a first `up` that failed halfway. Resources are found by the tags that the provider gives to
all of a stack.
"""

from collections.abc import Callable, Iterator
from typing import Any


def unprotect(
    project: str, stack: str, client: Callable[[str], Any], *, empty_buckets: bool, dry_run: bool = False
) -> Iterator[str]:
    """Yields the ARN of each resource as it can be deleted; `client` gives a boto3 client by service name.

    With `empty_buckets` every version of every object in the stack's buckets is deleted, for good.

    Raises:
        ValueError: no resource has the stack's tags.
        botocore.exceptions.ClientError: when AWS refuses a call.
    """
    filters = [{"Key": "Project", "Values": [project]}, {"Key": "Environment", "Values": [stack]}]
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    arns = sorted(one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"])
    if not arns:
        raise ValueError(
            f"no resource has the tags Project={project} and Environment={stack}; "
            "check --stack, AWS_REGION and the account of your credentials"
        )
    for arn in arns:
        action = _action(arn, client, empty_buckets=empty_buckets)
        if action:
            if not dry_run:
                action()
            yield arn


def _action(arn: str, client: Callable[[str], Any], *, empty_buckets: bool) -> Callable[[], object] | None:
    """What lets the resource be deleted; None for one that nothing protects."""
    service, name = arn.split(":")[2], arn.split(":", 5)[5]
    if service == "rds" and name.startswith("db:"):
        return lambda: client("rds").modify_db_instance(
            DBInstanceIdentifier=name.removeprefix("db:"), DeletionProtection=False, ApplyImmediately=True
        )
    if service == "elasticloadbalancing" and name.startswith("loadbalancer/app/"):
        return lambda: client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
        )
    if service == "ec2" and name.startswith("instance/"):
        return lambda: _release(client("ec2"), name.removeprefix("instance/"))
    if service == "s3" and empty_buckets:
        return lambda: _empty(client("s3"), name)
    return None


def _release(ec2: Any, instance: str) -> None:
    """Lets the instance be terminated, for good.

    A persistent spot request starts another instance for one that was terminated, outside of the stack, until
    it is cancelled; AWS provider versions differ in whether they do that
    (https://github.com/hashicorp/terraform-provider-aws/issues/38142). A spot instance has no protection.
    """
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    request = found.get("SpotInstanceRequestId")
    if request:
        ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])
    else:
        ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})


def _empty(s3: Any, bucket: str) -> None:
    """Deletes every version and delete marker, a page of at most 1,000 at a time."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        listed = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if listed:
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
