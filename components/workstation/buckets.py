"""The buckets of data sets and of models, and their copies in another region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.account import from_this_account
from components.common.buckets import Rule, bucket_policy, clean_up, drop_uploads, private_bucket
from components.common.iam import Document, assume_role, policy, statement
from components.common.names import bucket_name, physical_name
from components.workstation.settings import WorkstationSettings

# What the folders are for: docs/workstation.md.
FOLDERS: Mapping[str, Sequence[str]] = {
    "datasets": ("raw", "processed", "interim", "external"),
    "models": ("trained", "artifacts", "experiments", "production"),
}


@dataclass(frozen=True, kw_only=True)
class _Copied:
    """A bucket, its copy, and the versioning of both, which replication needs."""

    source: aws.s3.Bucket
    copy: aws.s3.Bucket
    versioning: Sequence[aws.s3.BucketVersioning]


class WorkstationBuckets:
    """`datasets` and `models`, by these names in `made`; protected like the platform's other buckets."""

    made: dict[str, aws.s3.Bucket]

    def __init__(self, name: str, settings: WorkstationSettings, *, parent: pulumi.Resource) -> None:
        self._name = name
        self._settings = settings
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        rules = {
            "datasets": [clean_up(settings), _to_glacier(settings.workstation_glacier_days)],
            "models": [drop_uploads(settings), _old_versions(settings)],
        }
        self.made = {}
        copied = {}
        for purpose, lifecycle in rules.items():
            made, versioning = self._bucket(purpose, lifecycle)
            self.made[purpose] = made
            if region := settings.workstation_replica_region:
                # A copy has the rules of its source: what is archived or deleted here is so there.
                copy, its_versioning = self._bucket(f"{purpose}-replica", lifecycle, region)
                copied[purpose] = _Copied(source=made, copy=copy, versioning=[versioning, its_versioning])
        if copied:
            self._replicate(copied)

    def statements(self) -> list[Document]:
        """Reading and writing the folders, and nothing beside them."""
        objects = [
            pulumi.Output.format("{0}/{1}/*", self.made[purpose].arn, folder)
            for purpose, folders in FOLDERS.items()
            for folder in folders
        ]
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        buckets = [made.arn for made in self.made.values()]
        return [
            statement(["s3:ListBucket", "s3:GetBucketLocation"], buckets, sid="ListOwnBuckets"),
            statement(actions, objects, sid="ReadAndWriteOwnFolders"),
        ]

    def _bucket(
        self, purpose: str, rules: Sequence[Rule], region: str | None = None
    ) -> tuple[aws.s3.Bucket, aws.s3.BucketVersioning]:
        settings, child = self._settings, f"{self._name}-{purpose}"
        made, versioning = private_bucket(
            child,
            bucket_name(purpose, settings.bucket_suffix),
            rules,
            force_destroy=settings.force_destroy,
            protect=settings.deletion_protection,
            parent=self._parent,
            region=region,
        )
        bucket_policy(child, made, parent=self._parent, region=region)
        return made, versioning

    def _replicate(self, copied: Mapping[str, _Copied]) -> None:
        role = aws.iam.Role(
            f"{self._name}-replication",
            name=physical_name("workstation-replica"),
            assume_role_policy=pulumi.Output.json_dumps(
                assume_role("s3.amazonaws.com", conditions=from_this_account(self._parent))
            ),
            opts=self._opts,
        )
        grant = aws.iam.RolePolicy(
            f"{self._name}-replication",
            role=role.name,
            policy=pulumi.Output.json_dumps(policy(*_replication(list(copied.values())))),
            opts=self._opts,
        )
        for purpose, pair in copied.items():
            aws.s3.BucketReplicationConfig(
                f"{self._name}-{purpose}",
                bucket=pair.source.bucket,
                role=role.arn,
                rules=[
                    {
                        "id": "all",
                        "status": "Enabled",
                        "priority": 1,
                        "filter": {"prefix": ""},
                        "delete_marker_replication": {"status": "Enabled"},
                        "destination": {"bucket": pair.copy.arn, "storage_class": "STANDARD_IA"},
                    }
                ],
                opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[*pair.versioning, grant]),
            )


def _replication(copied: Sequence[_Copied]) -> list[Document]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html."""
    sources, copies = [one.source.arn for one in copied], [one.copy.arn for one in copied]
    read = [
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
    ]
    write = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    return [
        statement(["s3:GetReplicationConfiguration", "s3:ListBucket"], sources, sid="ReadSources"),
        statement(read, [_objects(arn) for arn in sources], sid="ReadVersions"),
        statement(write, [_objects(arn) for arn in copies], sid="WriteCopies"),
    ]


def _objects(arn: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.format("{0}/*", arn)


def _to_glacier(days: int) -> Rule:
    return {
        "id": "archive",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "transitions": [{"days": days, "storage_class": "GLACIER"}],
    }


def _old_versions(settings: WorkstationSettings) -> Rule:
    days = settings.workstation_model_archive_days
    return {
        "id": "old-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_transitions": [{"noncurrent_days": days, "storage_class": "GLACIER"}],
        "noncurrent_version_expiration": {"noncurrent_days": settings.workstation_model_version_days},
    }
