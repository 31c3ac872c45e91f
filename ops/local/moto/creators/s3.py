"""Buckets and what is configured on them."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, api, name_of, tag_list


def _bucket(clients: Clients, resource: Registration) -> Created:
    name = name_of(resource, "bucket")
    region = clients.region
    # CreateBucket refuses us-east-1 as a constraint: it is what no constraint means.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    clients("s3").create_bucket(Bucket=name, **where)
    if tags := tag_list(resource):
        clients("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    domains = {
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
    }
    return Created(
        id=name, outputs={"bucket": name, "arn": f"arn:aws:s3:::{name}", "region": region, **domains}
    )


def _versioning(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    status = resource.inputs["versioningConfiguration"]["status"]
    clients("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    return Created(id=bucket)


def _encryption(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    rules = []
    for rule in resource.inputs["rules"]:
        default = rule["applyServerSideEncryptionByDefault"]
        algorithm = {"SSEAlgorithm": default["sseAlgorithm"]}
        if default.get("kmsMasterKeyId"):
            algorithm["KMSMasterKeyID"] = default["kmsMasterKeyId"]
        rules.append({"ApplyServerSideEncryptionByDefault": algorithm})
    clients("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    return Created(id=bucket)


def _public_access(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    blocked = api({name: resource.inputs.get(name, False) for name in names})
    clients("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=blocked)
    return Created(id=bucket)


def _policy(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    clients("s3").put_bucket_policy(Bucket=bucket, Policy=resource.inputs["policy"])
    return Created(id=bucket)


def _lifecycle(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    clients("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [_rule(rule) for rule in resource.inputs["rules"]]}
    )
    return Created(id=bucket)


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The API has its own words for three of the fields, and lists where the provider has one."""
    spelt: dict[str, Any] = api(rule)
    spelt["ID"] = spelt.pop("Id")
    for name in ("Transitions", "NoncurrentVersionTransitions"):
        if name in spelt and not spelt[name]:
            del spelt[name]
    return spelt


def _logging(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    target = {
        "TargetBucket": resource.inputs["targetBucket"],
        "TargetPrefix": resource.inputs["targetPrefix"],
    }
    clients("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": target})
    return Created(id=bucket)


def _ownership(clients: Clients, resource: Registration) -> Created:
    bucket = resource.inputs["bucket"]
    rule = {"ObjectOwnership": resource.inputs["rule"]["objectOwnership"]}
    clients("s3").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})
    return Created(id=bucket)


def _object(clients: Clients, resource: Registration) -> Created:
    bucket, key = resource.inputs["bucket"], resource.inputs["key"]
    source = resource.inputs.get("source")
    body = Path(source.path).read_bytes() if source else base64.b64decode(resource.inputs["contentBase64"])
    answer = clients("s3").put_object(Bucket=bucket, Key=key, Body=body)
    outputs = {"arn": f"arn:aws:s3:::{bucket}/{key}", "versionId": answer.get("VersionId", "")}
    return Created(id=f"{bucket}/{key}", outputs=outputs)


CREATORS: dict[str, Creator] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access,
    "aws:s3/bucketPolicy:BucketPolicy": _policy,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketLogging:BucketLogging": _logging,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
}
