"""The buckets: encrypted, versioned, private, over TLS alone, tidied, and logged."""

from typing import Any

import pytest

from components.storage import Storage, StorageArgs
from components.storage.settings import StorageSettings
from tests.components.conftest import Deploy, Deployed

BUCKETS = {"access-logs", "data-storage", "mlflow-artifacts", "monitoring-reports"}


def made(deploy: Deploy, **settings: Any) -> Deployed:
    return deploy(lambda: Storage("storage", StorageArgs(settings=StorageSettings(**settings))))


def test_the_buckets_are_named_after_the_project_and_the_stack(deploy: Deploy) -> None:
    names = {one.inputs["bucket"] for one in made(deploy).all("Bucket")}
    assert names == {f"mlops-taxi-prediction-{thing}-dev" for thing in BUCKETS}


def test_bucket_suffix(deploy: Deploy) -> None:
    """It sets the names apart from those of other accounts."""
    names = {one.inputs["bucket"] for one in made(deploy, bucket_suffix="acme").all("Bucket")}
    assert names == {f"mlops-taxi-prediction-{thing}-dev-acme" for thing in BUCKETS}


@pytest.mark.parametrize("thing", sorted(BUCKETS))
def test_buckets_are_encrypted_versioned_and_private(deploy: Deploy, thing: str) -> None:
    """And reached over TLS alone."""
    deployed = made(deploy)
    name = f"storage-{thing}"
    versioning = deployed.one("BucketVersioning", name).inputs["versioningConfiguration"]
    assert versioning == {"status": "Enabled"}
    [rule] = deployed.one("BucketServerSideEncryptionConfiguration", name).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    blocked = deployed.one("BucketPublicAccessBlock", name).inputs
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(blocked[switch] is True for switch in switches)
    deny = deployed.one("BucketPolicy", name).inputs["policy"]["Statement"][0]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", ["s3:*"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = f"arn:aws:s3:us-east-1:123456789012:{name}"
    assert deny["Resource"] == [arn, f"{arn}/*"]


@pytest.mark.parametrize("thing", sorted(BUCKETS))
def test_lifecycle_of_old_versions_and_uploads(deploy: Deploy, thing: str) -> None:
    """Every bucket drops old versions, and uploads that never ended."""
    deployed = made(deploy, noncurrent_version_days=11, incomplete_upload_days=3)
    rule = deployed.one("BucketLifecycleConfiguration", f"storage-{thing}").inputs["rules"][0]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 11}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 3}


def test_transitions_to_cheaper_storage(deploy: Deploy) -> None:
    """Only of what grows cold; models stay."""
    deployed = made(deploy, infrequent_access_days=40, archive_days=120)
    rules = deployed.one("BucketLifecycleConfiguration", "storage-data-storage").inputs["rules"]
    moves = {
        rule["filter"]["prefix"]: (move["storageClass"], move["days"])
        for rule in rules
        for move in rule.get("transitions", [])
    }
    assert moves["raw/"] == ("STANDARD_IA", 40)
    assert moves["predictions/"] == ("GLACIER_IR", 120)
    assert not any("models/".startswith(prefix) for prefix in moves)


def test_server_access_logs(
    deploy: Deploy,
) -> None:
    """The three buckets log to the fourth, which takes logs from them alone."""
    deployed = made(deploy, access_log_days=5)
    logged = {one.name.removeprefix("storage-"): one.inputs for one in deployed.all("BucketLogging")}
    assert set(logged) == BUCKETS - {"access-logs"}
    assert {one["targetBucket"] for one in logged.values()} == {"mlops-taxi-prediction-access-logs-dev"}
    allow = deployed.one("BucketPolicy", "storage-access-logs").inputs["policy"]["Statement"][1]
    assert allow["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    assert len(allow["Condition"]["ArnLike"]["aws:SourceArn"]) == 3
    assert allow["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    rules = deployed.one("BucketLifecycleConfiguration", "storage-access-logs").inputs["rules"]
    assert {"days": 5} in [rule.get("expiration") for rule in rules]


@pytest.mark.parametrize("force", [True, False])
def test_force_destroy(deploy: Deploy, force: bool) -> None:
    """Buckets that hold something are deleted only where the stack says so."""
    deployed = made(deploy, force_destroy=force)
    holding = [one for one in deployed.all("Bucket") if one.name != "storage-access-logs"]
    assert {one.inputs["forceDestroy"] for one in holding} == {force}


def test_access_logs_never_keep_the_stack_from_being_deleted(deploy: Deploy) -> None:
    """The bucket logs the deletion of the others, so it is never empty."""
    deployed = made(deploy, force_destroy=False, deletion_protection=True)
    forced = {one.name: one.inputs["forceDestroy"] for one in deployed.all("Bucket")}
    assert forced == {
        "storage-access-logs": True,
        "storage-data-storage": False,
        "storage-mlflow-artifacts": False,
        "storage-monitoring-reports": False,
    }
