"""A private, encrypted, versioned bucket, as every component makes it."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.iam import policy, tls_only
from components.common.settings import BucketSettings

Rule = aws.s3.BucketLifecycleConfigurationRuleArgsDict


def private_bucket(
    name: str,
    bucket: str,
    rules: Sequence[Rule],
    *,
    force_destroy: bool,
    protect: bool,
    parent: pulumi.Resource,
    region: str | None = None,
) -> tuple[aws.s3.Bucket, aws.s3.BucketVersioning]:
    """A bucket with these lifecycle rules, and its versioning; `region` is another than the provider's.

    It is private once `bucket_policy` is there, too.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    made = aws.s3.Bucket(
        name,
        bucket=bucket,
        force_destroy=force_destroy,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect or None),
    )
    enabled: aws.s3.BucketVersioningVersioningConfigurationArgsDict = {"status": "Enabled"}
    versioning = aws.s3.BucketVersioning(
        name, bucket=made.bucket, versioning_configuration=enabled, region=region, opts=opts
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=made.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        region=region,
        opts=opts,
    )
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=made.bucket,
        rules=list(rules),
        region=region,
        # S3 takes rules on old versions only once there can be any.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
    return made, versioning


def bucket_policy(
    name: str,
    bucket: aws.s3.Bucket,
    statements: Sequence[dict[str, Any]] = (),
    *,
    parent: pulumi.Resource,
    region: str | None = None,
) -> aws.s3.BucketPolicy:
    """Keeps the public and whoever comes without TLS out of the bucket; lets in whom `statements` name."""
    blocked = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    deny = tls_only(["s3:*"], [bucket.arn, pulumi.Output.format("{0}/*", bucket.arn)])
    return aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=pulumi.Output.json_dumps(policy(deny, *statements)),
        region=region,
        # S3 refuses two changes of a bucket's access at the same time (OperationAborted).
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[blocked]),
    )


def clean_up(settings: BucketSettings) -> Rule:
    """Drops overwritten and deleted objects, and uploads that never ended, in time."""
    return {
        **drop_uploads(settings),
        "id": "clean-up",
        "noncurrent_version_expiration": {"noncurrent_days": settings.noncurrent_version_days},
    }


def drop_uploads(settings: BucketSettings) -> Rule:
    """Drops uploads that never ended."""
    return {
        "id": "drop-uploads",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abort_incomplete_multipart_upload": {"days_after_initiation": settings.incomplete_upload_days},
    }
