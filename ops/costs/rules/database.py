"""RDS and DynamoDB."""

from collections.abc import Iterator
from decimal import Decimal

from ops.costs.model import Line, Resource
from ops.costs.pricing import Free, Pricing, Rules

_FREE_INSIGHTS_DAYS = 7
_VCPUS = 2  # of every class of t3 and t4g up to large


def instance(one: Resource, at: Pricing) -> Iterator[Line]:
    """Hours by class, storage, and what is kept and watched beside it; a standby doubles the first two."""
    class_, standby = one.inputs["instanceClass"], ".multi-az" if one.inputs.get("multiAz") else ""
    zones = "two zones" if standby else "one zone"
    yield at.line(
        one, f"instance {class_}, {zones}", at.hours(one), f"rds.{class_}{standby}", at.hours_note(one)
    )
    gib = Decimal(str(one.inputs.get("allocatedStorage") or 20))
    type_ = one.inputs.get("storageType") or "gp2"
    yield at.line(one, f"storage, {type_}, {zones}", gib, f"rds.{type_}{standby}")
    if type_ in ("io1", "io2"):
        yield at.line(
            one, "provisioned IOPS", Decimal(str(one.inputs.get("iops") or 0)), f"rds.iops{standby}"
        )
    if one.inputs.get("backupRetentionPeriod"):
        yield at.line(
            one, "backups above the database's size", at.usage.rds_backup_gb, "rds.backup", "free up to it"
        )
    if class_.startswith(("db.t3.", "db.t4g.")):
        yield at.line(one, "CPU credits", at.usage.rds_credit_hours, "rds.credits", "unlimited mode")
    kept = one.inputs.get("performanceInsightsRetentionPeriod") or _FREE_INSIGHTS_DAYS
    if one.inputs.get("performanceInsightsEnabled") and kept > _FREE_INSIGHTS_DAYS:
        yield at.line(one, "Performance Insights", _VCPUS, "rds.insights", f"kept for {kept} days")
    if one.inputs.get("monitoringInterval"):
        yield at.line(one, "Enhanced Monitoring's log", at.usage.enhanced_monitoring_gb, "cloudwatch.logs.in")
    if one.inputs.get("manageMasterUserPassword"):
        yield at.line(one, "secret of the master user", 1, "secret")


def table(one: Resource, at: Pricing) -> Iterator[Line]:
    """A table on demand costs by requests and storage.

    Raises:
        ValueError: the table has provisioned capacity, which has no price here.
    """
    if one.inputs.get("billingMode") != "PAY_PER_REQUEST":
        raise ValueError("billingMode is not PAY_PER_REQUEST; add provisioned capacity to the rule")
    yield at.line(one, "writes", at.usage.dynamodb_writes, "dynamodb.write")
    yield at.line(one, "reads", at.usage.dynamodb_reads, "dynamodb.read")
    yield at.line(one, "stored", at.usage.dynamodb_gb, "dynamodb.gb")
    if (one.inputs.get("pointInTimeRecovery") or {}).get("enabled"):
        yield at.line(one, "point-in-time recovery", at.usage.dynamodb_gb, "dynamodb.pitr")


RULES: Rules = {
    "aws:dynamodb/table:Table": table,
    "aws:rds/instance:Instance": instance,
}
FREE: Free = {
    "aws:rds/parameterGroup:ParameterGroup": "the instance is priced",
    "aws:rds/subnetGroup:SubnetGroup": "the instance is priced",
}
