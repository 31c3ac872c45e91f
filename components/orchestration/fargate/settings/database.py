"""Settings of the RDS PostgreSQL instance."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from components.common.settings import DeletionProtectionSettings, LogRetentionSettings
from components.config.aws_types import DbInstanceClass
from components.config.keys import SECTION, key
from components.config.types import whole
from components.orchestration.fargate import windows

_GIB_LIMITS = {"gp2": (20, 65536), "gp3": (20, 65536), "io1": (100, 65536), "io2": (100, 65536)}
_MIN_POSTGRES = 14  # the oldest major version that Airflow 3 supports and RDS still starts


@dataclass(frozen=True, kw_only=True, config=SECTION)
class DatabaseSettings(DeletionProtectionSettings, LogRetentionSettings):
    """The RDS PostgreSQL instance behind Airflow and MLflow."""

    rds_engine_version: Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")] = key(
        "PostgreSQL version, 14 or newer", "16"
    )
    rds_instance_class: DbInstanceClass = key(
        "Size of the database, such as db.t4g.micro or db.t3.micro",
        micro="db.t4g.micro",
        learning="db.t4g.micro",
        standard="db.t4g.micro",
        production="db.t4g.small",
    )
    rds_storage_type: Literal["gp2", "gp3", "io1", "io2"] = key(
        "Storage of the database: gp2, gp3, io1 or io2", "gp3"
    )
    rds_allocated_storage_gib: Annotated[int, Field(ge=20, le=65_536)] = key(
        "GiB of the database's storage", 20
    )
    rds_max_allocated_storage_gib: Annotated[int, Field(ge=0, le=65_536)] = key(
        "GiB up to which the storage grows; 0 never grows it", 100
    )
    rds_multi_az: bool = key(
        "Whether a standby in another zone takes over: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )
    rds_backup_retention_days: Annotated[int, Field(ge=0, le=35)] = key(
        "Days that automatic backups are kept, 0 to 35", micro=7, learning=7, standard=7, production=7
    )
    rds_backup_window: Annotated[str, AfterValidator(windows.daily)] = key(
        "Daily window for backups, in UTC", "02:00-03:00"
    )
    rds_maintenance_window: Annotated[str, AfterValidator(windows.weekly)] = key(
        "Weekly window for maintenance, in UTC", "Sun:04:00-Sun:05:00"
    )
    rds_apply_immediately: bool = key(
        "Whether changes are applied at once, or in the maintenance window: true or false",
        micro=True,
        learning=True,
        standard=True,
        production=False,
    )
    rds_final_snapshot: bool = key(
        "Whether a snapshot is taken when the database is deleted: true or false",
        micro=False,
        learning=False,
        standard=True,
        production=True,
    )
    rds_performance_insights: bool = key(
        "Whether Performance Insights is on: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )
    rds_enhanced_monitoring_seconds: Annotated[Literal[0, 1, 5, 10, 15, 30, 60], BeforeValidator(whole)] = (
        key(
            "Seconds between measurements of Enhanced Monitoring; 0 switches it off",
            micro=0,
            learning=0,
            standard=0,
            production=60,
        )
    )

    def database_problems(self) -> Iterator[str]:
        """What RDS would refuse, a sentence a problem."""
        if int(self.rds_engine_version.split(".")[0]) < _MIN_POSTGRES:
            yield f"rdsEngineVersion: got {self.rds_engine_version!r}, allowed: {_MIN_POSTGRES} and newer"
        smallest, largest = _GIB_LIMITS[self.rds_storage_type]
        if not smallest <= self.rds_allocated_storage_gib <= largest:
            yield (
                f"rdsAllocatedStorageGib: got {self.rds_allocated_storage_gib}, "
                f"allowed: {smallest} to {largest} for rdsStorageType {self.rds_storage_type}"
            )
        # RDS wants room to grow: at least a tenth over what is allocated, or no autoscaling (0).
        if 0 < self.rds_max_allocated_storage_gib < self.rds_allocated_storage_gib * 1.1:
            yield (
                f"rdsMaxAllocatedStorageGib: got {self.rds_max_allocated_storage_gib}, "
                f"allowed: 0 for no autoscaling, or 10 % over rdsAllocatedStorageGib "
                f"({self.rds_allocated_storage_gib})"
            )
        if windows.overlap(self.rds_backup_window, self.rds_maintenance_window):
            yield (
                f"rdsMaintenanceWindow: got {self.rds_maintenance_window!r}, which overlaps rdsBackupWindow "
                f"({self.rds_backup_window}); RDS wants them apart"
            )
