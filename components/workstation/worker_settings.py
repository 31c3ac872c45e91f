"""Settings of the workers beside the workstation."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.aws_types import InstanceType
from components.config.keys import SECTION, Section, key

Count = Annotated[int, Field(ge=0, le=100)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class WorkerSettings(Section):
    """The Auto Scaling group that runs jobs, and shares files with the workstation."""

    workstation_workers_min: Count = key("Workers that are always there, 0 to 100", 0)
    workstation_workers_max: Count = key(
        "Most workers of the Auto Scaling group that shares an EFS file system with the workstation, "
        "0 to 100; 0 makes neither",
        0,
    )
    workstation_worker_instance_type: InstanceType = key("EC2 type of the workers", "t3.medium")
    workstation_workers_on_demand_percent: Annotated[int, Field(ge=0, le=100)] = key(
        "Percent of the workers that are on demand, 0 to 100; the others are spot instances", 100
    )

    @property
    def worker_type(self) -> str | None:
        """The workers' instance type; None without workers."""
        return self.workstation_worker_instance_type if self.workstation_workers_max else None

    def worker_problems(self) -> Iterator[str]:
        """What an Auto Scaling group would refuse, a sentence a problem."""
        if self.workstation_workers_min > self.workstation_workers_max:
            yield (
                f"workstationWorkersMin: got {self.workstation_workers_min}, allowed: up to "
                f"workstationWorkersMax ({self.workstation_workers_max}); raise that, or lower this"
            )
