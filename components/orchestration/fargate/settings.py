"""Settings of the Fargate variant: cluster, database, files, load balancer and services."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, Cidr, Count, LogRetentionDays, refuse, whole
from components.orchestration.fargate.task_sizes import fargate_problem

Percent = Annotated[int, Field(ge=0, le=200)]
Weight = Annotated[int, Field(ge=0, le=1000)]

_GIB_LIMITS = {"gp2": (20, 65536), "gp3": (20, 65536), "io1": (100, 65536), "io2": (100, 65536)}
_WINDOW = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):[0-2]\d:[0-5]\d-(Mon|Tue|Wed|Thu|Fri|Sat|Sun):[0-2]\d:[0-5]\d"
)
_MIN_POSTGRES = 14  # the oldest major version that Airflow 3 supports and RDS still starts


@dataclass(frozen=True, kw_only=True, config=SECTION)
class DatabaseSettings:
    """The RDS PostgreSQL instance behind Airflow and MLflow."""

    rds_engine_version: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")] = "16"
    rds_instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.t4g.micro"
    rds_storage_type: Literal["gp2", "gp3", "io1", "io2"] = "gp3"
    rds_allocated_storage_gib: Count = 20
    rds_max_allocated_storage_gib: Annotated[int, Field(ge=0)] = 100
    rds_multi_az: bool = False
    rds_backup_retention_days: Annotated[int, Field(ge=0, le=35)] = 7
    rds_backup_window: Annotated[str, Field(pattern=r"^[0-2]\d:[0-5]\d-[0-2]\d:[0-5]\d$")] = "02:00-03:00"
    rds_maintenance_window: str = "Sun:04:00-Sun:05:00"
    rds_final_snapshot: bool = False
    rds_performance_insights: bool = False
    rds_enhanced_monitoring_seconds: Annotated[Literal[0, 1, 5, 10, 15, 30, 60], BeforeValidator(whole)] = 0
    deletion_protection: bool = False

    def database_problems(self) -> Iterator[str]:
        """What RDS would refuse, a sentence a problem."""
        if int(self.rds_engine_version.split(".")[0]) < _MIN_POSTGRES:
            yield f"rdsEngineVersion: got {self.rds_engine_version!r}, allowed: {_MIN_POSTGRES} and newer"
        smallest, largest = _GIB_LIMITS[self.rds_storage_type]
        if not smallest <= self.rds_allocated_storage_gib <= largest:
            yield (
                f"rdsAllocatedStorageGib: got {self.rds_allocated_storage_gib}, "
                f"allowed: {smallest} to {largest} for {self.rds_storage_type}"
            )
        # RDS wants room to grow: at least a tenth over what is allocated, or no autoscaling (0).
        if 0 < self.rds_max_allocated_storage_gib < self.rds_allocated_storage_gib * 1.1:
            yield (
                f"rdsMaxAllocatedStorageGib: got {self.rds_max_allocated_storage_gib}, "
                f"allowed: 0 for no autoscaling, or 10 % over the allocated {self.rds_allocated_storage_gib}"
            )
        if not _WINDOW.fullmatch(self.rds_maintenance_window):
            yield (
                f"rdsMaintenanceWindow: got {self.rds_maintenance_window!r}, "
                "allowed: such as Sun:04:00-Sun:05:00, in UTC"
            )


@dataclass(frozen=True, kw_only=True, config=SECTION)
class FilesSettings:
    """The EFS file system that the tasks share."""

    efs_performance_mode: Literal["generalPurpose", "maxIO"] = "generalPurpose"
    efs_throughput_mode: Literal["bursting", "elastic", "provisioned"] = "bursting"
    efs_provisioned_mibps: Annotated[float, Field(ge=0, le=3414)] = 0
    efs_transition_to_ia_days: Annotated[
        Literal[0, 1, 7, 14, 30, 60, 90, 180, 270, 365], BeforeValidator(whole)
    ] = 30
    efs_backup: bool = False
    deletion_protection: bool = False

    def files_problems(self) -> Iterator[str]:
        """What EFS would refuse, a sentence a problem."""
        provisioned = self.efs_throughput_mode == "provisioned"
        if provisioned and self.efs_provisioned_mibps < 1:
            yield (
                f"efsProvisionedMibps: got {self.efs_provisioned_mibps:g}, "
                "allowed: 1 to 3414 MiB/s with efsThroughputMode provisioned"
            )
        if not provisioned and self.efs_provisioned_mibps:
            yield (
                f"efsProvisionedMibps: got {self.efs_provisioned_mibps:g} with efsThroughputMode "
                f"{self.efs_throughput_mode}; set efsThroughputMode to provisioned or remove it"
            )
        if self.efs_performance_mode == "maxIO" and self.efs_throughput_mode == "elastic":
            yield "efsPerformanceMode: got 'maxIO', which EFS does not offer with efsThroughputMode elastic"


@dataclass(frozen=True, kw_only=True, config=SECTION)
class BalancerSettings:
    """The load balancer, and by which address people reach what is behind it."""

    alb_ingress_cidrs: tuple[Cidr, ...] = ("0.0.0.0/0",)
    alb_access_logs: bool = True
    alb_idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = 60
    deletion_protection: bool = False
    certificate_arn: Annotated[str, Field(pattern=r"^(arn:aws[a-z-]*:acm:.+)?$")] = ""
    domain_name: Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)*[a-z0-9-]*$")] = ""
    hosted_zone_id: Annotated[str, Field(pattern=r"^(Z[A-Z0-9]+)?$")] = ""

    def balancer_problems(self) -> Iterator[str]:
        """What the load balancer cannot serve, a sentence a problem."""
        if self.hosted_zone_id and not self.domain_name:
            yield f"hostedZoneId: got {self.hosted_zone_id!r} without domainName; set domainName too"


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ServicesSettings:
    """The cluster, and the size of each task on it: CPU in units of 1/1024 vCPU, memory in MiB."""

    container_insights: bool = False
    fargate_base: Annotated[int, Field(ge=0, le=100_000)] = 1
    fargate_weight: Weight = 1
    fargate_spot_weight: Weight = 0
    worker_fargate_weight: Weight = 0
    worker_fargate_spot_weight: Weight = 1
    airflow_executor: Literal["local", "ecs"] = "local"
    ecs_exec: bool = False
    api_server_count: Count = 1
    api_server_cpu: int = 512
    api_server_memory_mib: int = 1024
    scheduler_count: Count = 1
    scheduler_cpu: int = 512
    scheduler_memory_mib: int = 2048
    dag_processor_cpu: int = 256
    dag_processor_memory_mib: int = 1024
    triggerer_count: Count = 1
    triggerer_cpu: int = 256
    triggerer_memory_mib: int = 512
    worker_cpu: int = 1024
    worker_memory_mib: int = 4096
    mlflow_count: Count = 1
    mlflow_cpu: int = 256
    mlflow_memory_mib: int = 1024
    deployment_minimum_healthy_percent: Percent = 100
    deployment_maximum_percent: Percent = 200
    health_check_grace_seconds: Annotated[int, Field(ge=0, le=2_147_483_647)] = 300
    log_retention_days: LogRetentionDays = 7

    def services_problems(self) -> Iterator[str]:
        """What ECS would refuse, a sentence a problem."""
        for task in ("api_server", "scheduler", "dag_processor", "triggerer", "worker", "mlflow"):
            problem = fargate_problem(getattr(self, f"{task}_cpu"), getattr(self, f"{task}_memory_mib"))
            if problem:
                words = "".join(word.capitalize() for word in task.split("_"))
                key = words[0].lower() + words[1:]
                yield f"{key}Cpu, {key}MemoryMib: got {problem}"
        yield from _strategy(
            "fargateWeight and fargateSpotWeight", self.fargate_weight, self.fargate_spot_weight
        )
        yield from _strategy(
            "workerFargateWeight and workerFargateSpotWeight",
            self.worker_fargate_weight,
            self.worker_fargate_spot_weight,
        )
        if self.deployment_maximum_percent <= self.deployment_minimum_healthy_percent:
            yield (
                f"deploymentMaximumPercent: got {self.deployment_maximum_percent}, allowed: more than "
                f"deploymentMinimumHealthyPercent ({self.deployment_minimum_healthy_percent})"
            )


@dataclass(frozen=True, kw_only=True, config=SECTION)
class FargateSettings(DatabaseSettings, FilesSettings, BalancerSettings, ServicesSettings):
    """Everything that the Fargate variant takes from the config."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(
            [
                *self.database_problems(),
                *self.files_problems(),
                *self.balancer_problems(),
                *self.services_problems(),
            ]
        )
        return self


def _strategy(keys: str, on_demand: int, spot: int) -> Iterator[str]:
    if not on_demand + spot:
        yield f"{keys}: got 0 and 0, allowed: at least one above 0"
