"""`python -m ops stack unprotect` lets AWS delete what a stack protects, and nothing of another stack."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ops.stack.unprotect import unprotect

client: Any = boto3.client
PROJECT = "mlops-taxi-prediction"
pytestmark = pytest.mark.usefixtures("aws")


def tags(stack: str) -> list[dict[str, str]]:
    return [{"Key": "Project", "Value": PROJECT}, {"Key": "Environment", "Value": stack}]


def database(stack: str) -> str:
    name = f"{PROJECT}-airflow-db-{stack}"
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        DeletionProtection=True,
        Tags=tags(stack),
    )
    return name


def bucket(stack: str) -> str:
    """A versioned bucket with an object of two versions and one that is deleted."""
    name, s3 = f"{PROJECT}-data-{stack}", client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(stack)})
    for key in ("one", "one", "two"):
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    s3.delete_object(Bucket=name, Key="two")
    return name


def test_database_can_be_deleted() -> None:
    name, other = database("prod"), database("dev")
    with pytest.raises(ClientError, match="deletion protection"):
        client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    (arn,) = unprotect(PROJECT, "prod", client, empty_buckets=False)
    assert arn.endswith(f":db:{name}")
    client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    (left,) = client("rds").describe_db_instances()["DBInstances"]
    assert (left["DBInstanceIdentifier"], left["DeletionProtection"]) == (other, True)


def test_bucket_is_emptied_only_when_asked() -> None:
    name = bucket("prod")
    assert list(unprotect(PROJECT, "prod", client, empty_buckets=False)) == []
    with pytest.raises(ClientError, match="not empty"):
        client("s3").delete_bucket(Bucket=name)
    assert list(unprotect(PROJECT, "prod", client, empty_buckets=True)) == [f"arn:aws:s3:::{name}"]
    client("s3").delete_bucket(Bucket=name)


def test_instance_can_be_terminated() -> None:
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    specification = [{"ResourceType": "instance", "Tags": tags("prod")}]
    made = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, DisableApiTermination=True, TagSpecifications=specification
    )
    instance = made["Instances"][0]["InstanceId"]
    (arn,) = unprotect(PROJECT, "prod", client, empty_buckets=False)
    assert arn.endswith(instance)
    ec2.terminate_instances(InstanceIds=[instance])


def test_spot_request_is_cancelled() -> None:
    """It would start another instance for the terminated one, and its protection cannot be changed."""
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    specification = [{"ResourceType": "instance", "Tags": tags("dev")}]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=specification)
    instance, request = made["Instances"][0]["InstanceId"], "sir-0123abcd"
    # moto knows no spot instance that `run_instances` starts; AWS's own models check these answers.
    with Stubber(ec2) as stub:
        there = {"InstanceId": instance, "SpotInstanceRequestId": request}
        stub.add_response("describe_instances", {"Reservations": [{"Instances": [there]}]})
        cancelled = {"SpotInstanceRequestId": request, "State": "cancelled"}
        stub.add_response(
            "cancel_spot_instance_requests",
            {"CancelledSpotInstanceRequests": [cancelled]},
            {"SpotInstanceRequestIds": [request]},
        )
        found = unprotect(
            PROJECT, "dev", lambda name: ec2 if name == "ec2" else client(name), empty_buckets=False
        )
        assert [arn.rpartition("/")[2] for arn in found] == [instance]
        stub.assert_no_pending_responses()


def test_dry_run_changes_nothing() -> None:
    name = database("prod")
    assert len(list(unprotect(PROJECT, "prod", client, empty_buckets=True, dry_run=True))) == 1
    (left,) = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert left["DeletionProtection"] is True


def test_unknown_stack_is_an_error() -> None:
    with pytest.raises(ValueError, match="no resource has the tags"):
        list(unprotect(PROJECT, "nowhere", client, empty_buckets=False))
