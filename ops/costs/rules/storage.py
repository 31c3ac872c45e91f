"""Where data lies: buckets, image repositories, shared files."""

from collections.abc import Iterator
from decimal import Decimal

from ops.costs.model import Line, Resource
from ops.costs.pricing import Free, Pricing, Rules
from ops.costs.rules.streaming import batches

_BACKUP = "aws:efs/backupPolicy:BackupPolicy"
_FUNCTION = "aws:lambda/function:Function"


def bucket(one: Resource, at: Pricing) -> Iterator[Line]:
    """Storage and requests by the usage; the predictor's own requests to the data bucket come on top."""
    name = str(one.inputs.get("bucket") or one.name)
    held = at.usage.bucket(name)
    yield at.line(one, "stored", held.gb, "s3.standard")
    written, read = _of_the_predictor(at) if "data-storage" in name else (Decimal(0), Decimal(0))
    yield at.line(one, "PUT, COPY, POST and LIST requests", held.puts + written, "s3.put")
    yield at.line(one, "GET and other requests", held.gets + read, "s3.get")


def repository(one: Resource, at: Pricing) -> Iterator[Line]:
    """Images cost by their size; pulling them within the region is free."""
    yield at.line(one, "images", at.usage.image(str(one.inputs.get("name") or one.name)), "ecr.gb")


def file_system(one: Resource, at: Pricing) -> Iterator[Line]:
    """Files by storage class, the throughput of the mode, and backups where a policy makes them."""
    mode = one.inputs.get("throughputMode", "bursting")
    has_ia = any(rule.get("transitionToIa") for rule in one.inputs.get("lifecyclePolicies") or ())
    share = at.usage.efs_ia_share if has_ia else Decimal(0)
    elastic = mode == "elastic"
    yield at.line(one, "files, Standard", at.usage.efs_gb * (1 - share), "efs.standard")
    if share:
        class_ = "efs.ia.elastic" if elastic else "efs.ia"
        yield at.line(one, "files, Infrequent Access", at.usage.efs_gb * share, class_)
        yield at.line(one, "reads of infrequent files", at.usage.efs_read_gb / 100, "efs.ia.read")
    if elastic:
        yield at.line(one, "read, elastic throughput", at.usage.efs_read_gb, "efs.read")
        yield at.line(one, "written, elastic throughput", at.usage.efs_write_gb, "efs.write")
    if mode == "provisioned":
        provisioned = Decimal(str(one.inputs["provisionedThroughputInMibps"]))
        # What is stored brings throughput of its own: 50 KiB/s a GiB.
        included = at.usage.efs_gb * (1 - share) / 20
        yield at.line(
            one, "provisioned throughput", max(provisioned - included, Decimal(0)), "efs.provisioned"
        )
    if any(policy.inputs["backupPolicy"]["status"] == "ENABLED" for policy in at.graph.needing(one, _BACKUP)):
        yield at.line(one, "backups", at.usage.efs_gb, "backup.efs")


def _of_the_predictor(at: Pricing) -> tuple[Decimal, Decimal]:
    """Objects that the predictor writes a month, and its looks for a new model: one a minute with rides."""
    if not at.graph.all(_FUNCTION):
        return Decimal(0), Decimal(0)
    found = batches(at)
    minutes = Decimal(730 * 60)
    return found * at.usage.objects_per_batch, min(found, minutes)


RULES: Rules = {
    "aws:ecr/repository:Repository": repository,
    "aws:efs/fileSystem:FileSystem": file_system,
    "aws:s3/bucket:Bucket": bucket,
}
_OF_BUCKETS = (
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "bucketLogging:BucketLogging",
    "bucketNotification:BucketNotification",
    "bucketOwnershipControls:BucketOwnershipControls",
    "bucketObjectv2:BucketObjectv2",
    "bucketPolicy:BucketPolicy",
    "bucketReplicationConfig:BucketReplicationConfig",
    "bucketPublicAccessBlock:BucketPublicAccessBlock",
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "bucketVersioning:BucketVersioning",
)
FREE: Free = {
    **{f"aws:s3/{one}": "the bucket is priced" for one in _OF_BUCKETS},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "the repository is priced",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "the repository is priced",
    "aws:efs/accessPoint:AccessPoint": "the file system is priced",
    _BACKUP: "the backups are priced with the file system",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "the file system is priced",
    "aws:efs/mountTarget:MountTarget": "the file system is priced",
    "docker:index/image:Image": "is built here; the repository is priced",
    "docker:index/registryImage:RegistryImage": "the repository is priced",
}
