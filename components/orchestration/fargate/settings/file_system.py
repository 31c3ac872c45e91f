"""Settings of the EFS file system."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from components.common.settings import DeletionProtectionSettings
from components.config.keys import SECTION, key
from components.config.types import whole


@dataclass(frozen=True, kw_only=True, config=SECTION)
class FileSystemSettings(DeletionProtectionSettings):
    """The EFS file system that the tasks share."""

    efs_performance_mode: Literal["generalPurpose", "maxIO"] = key(
        "EFS performance mode: generalPurpose or maxIO", "generalPurpose"
    )
    efs_throughput_mode: Literal["bursting", "elastic", "provisioned"] = key(
        "EFS throughput mode: bursting, elastic or provisioned",
        micro="bursting",
        learning="bursting",
        standard="bursting",
        production="elastic",
    )
    efs_provisioned_mibps: Annotated[float, Field(ge=0, le=3414)] = key(
        "MiB/s of a provisioned EFS, 1 to 3414; 0 otherwise", 0
    )
    efs_transition_to_ia_days: Annotated[
        Literal[0, 1, 7, 14, 30, 60, 90, 180, 270, 365], BeforeValidator(whole)
    ] = key("Days until EFS moves unused files to Infrequent Access; 0 never does", 30)
    efs_backup: bool = key(
        "Whether AWS Backup keeps copies of the files: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )

    def file_system_problems(self) -> Iterator[str]:
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
