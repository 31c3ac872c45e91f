"""The PostgreSQL instance that Airflow and MLflow share, a database and a role for each."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.account import from_this_account, partition
from components.common.iam import assume_role
from components.common.names import physical_name
from components.orchestration.fargate.settings.database import DatabaseSettings

_EXPORTED_LOGS = ("postgresql", "upgrade")
_MONITORING_POLICY = "arn:{0}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


class Database:
    """An RDS instance in the private subnets; RDS makes and rotates the master's password."""

    def __init__(
        self,
        name: str,
        args: DatabaseSettings,
        subnet_ids: Any,
        security_group_id: pulumi.Input[str],
        *,
        parent: pulumi.Resource,
    ) -> None:
        self._name = name
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        subnets = aws.rds.SubnetGroup(
            f"{name}-database",
            name=physical_name("database"),
            subnet_ids=subnet_ids,
            opts=self._opts,
        )
        self._logs = self._log_groups(physical_name("airflow-db"), args.log_retention_days)
        self.instance = self._instance(args, subnets, security_group_id)
        self.master_secret_arn = self.instance.master_user_secrets[0].secret_arn

    def _instance(
        self, args: DatabaseSettings, subnets: aws.rds.SubnetGroup, security_group_id: pulumi.Input[str]
    ) -> aws.rds.Instance:
        protect = args.deletion_protection or None
        return aws.rds.Instance(
            f"{self._name}-database",
            identifier=physical_name("airflow-db"),
            engine="postgres",
            engine_version=args.rds_engine_version,
            instance_class=args.rds_instance_class,
            storage_type=args.rds_storage_type,
            allocated_storage=args.rds_allocated_storage_gib,
            max_allocated_storage=args.rds_max_allocated_storage_gib or None,
            storage_encrypted=True,
            username="platform",
            manage_master_user_password=True,
            port=5432,
            multi_az=args.rds_multi_az,
            publicly_accessible=False,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[security_group_id],
            parameter_group_name=self._parameters(args.rds_engine_version).name,
            backup_retention_period=args.rds_backup_retention_days,
            backup_window=args.rds_backup_window,
            maintenance_window=args.rds_maintenance_window,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=True,  # so that a newer rdsEngineVersion is an update like any other
            apply_immediately=args.rds_apply_immediately,
            enabled_cloudwatch_logs_exports=list(_EXPORTED_LOGS),
            performance_insights_enabled=args.rds_performance_insights,
            performance_insights_retention_period=7 if args.rds_performance_insights else None,
            monitoring_interval=args.rds_enhanced_monitoring_seconds,
            monitoring_role_arn=self._monitoring_role() if args.rds_enhanced_monitoring_seconds else None,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.rds_final_snapshot,
            final_snapshot_identifier=self._final_snapshot() if args.rds_final_snapshot else None,
            opts=pulumi.ResourceOptions(parent=self._parent, protect=protect, depends_on=self._logs),
        )

    def url(self, owner: str, password: pulumi.Input[str]) -> pulumi.Output[str]:
        """Where the database of `owner` is, for SQLAlchemy; RDS refuses connections without TLS."""
        return pulumi.Output.format(
            "postgresql+psycopg2://{0}:{1}@{2}:5432/{0}?sslmode=require",
            owner,
            password,
            self.instance.address,
        )

    def async_url(self, owner: str, password: pulumi.Input[str]) -> pulumi.Output[str]:
        """The same for asyncpg, which calls the option `ssl` and refuses `sslmode`."""
        return pulumi.Output.format(
            "postgresql+asyncpg://{0}:{1}@{2}:5432/{0}?ssl=require", owner, password, self.instance.address
        )

    def _log_groups(self, identifier: str, retention_days: int) -> list[aws.cloudwatch.LogGroup]:
        """The groups that RDS writes to; those that it would make itself keep everything for ever."""
        return [
            aws.cloudwatch.LogGroup(
                f"{self._name}-database-{log}",
                name=f"/aws/rds/instance/{identifier}/{log}",
                retention_in_days=retention_days,
                opts=self._opts,
            )
            for log in _EXPORTED_LOGS
        ]

    def _parameters(self, version: str) -> aws.rds.ParameterGroup:
        major = version.split(".")[0]
        return aws.rds.ParameterGroup(
            # The family cannot change in place: a new major version comes with a group of its own.
            f"{self._name}-postgres{major}",
            name=physical_name(f"postgres{major}"),
            family=f"postgres{major}",
            description="TLS for every connection",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
            opts=self._opts,
        )

    def _monitoring_role(self) -> pulumi.Output[str]:
        role = aws.iam.Role(
            f"{self._name}-database-monitoring",
            name=physical_name("database-monitoring"),
            assume_role_policy=pulumi.Output.json_dumps(
                assume_role("monitoring.rds.amazonaws.com", conditions=from_this_account(self._parent))
            ),
            opts=self._opts,
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{self._name}-database-monitoring",
            role=role.name,
            policy_arn=pulumi.Output.format(_MONITORING_POLICY, partition(self._parent)),
            opts=self._opts,
        )
        return pulumi.Output.all(role.arn, attached.id).apply(lambda known: str(known[0]))

    def _final_snapshot(self) -> pulumi.Output[str]:
        # AWS keeps the snapshot when the stack is gone, and the next stack of this name needs another name.
        suffix = random.RandomId(f"{self._name}-final-snapshot", byte_length=4, opts=self._opts)
        return pulumi.Output.format("{0}-{1}", physical_name("final"), suffix.hex)
