"""Settings of the variant that runs Docker Compose on EC2."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.instance_types import architecture, memory_mib
from components.common.settings import DeletionProtectionSettings, InstanceSettings, LogRetentionSettings
from components.config.aws_types import InstanceType
from components.config.keys import SECTION, key
from components.config.types import Cidr, Distinct, OptionalSshPublicKey, refuse
from components.orchestration.compose.memory import Executor, frontend_limits, memory_limits
from components.orchestration.containers import ADMIN_PORT, AIRFLOW_PORT, MLFLOW_PORT

STATUS_PORT = 8081
_SYSTEM_GIB = 8  # what Amazon Linux's own image takes
Gib = Annotated[int, Field(ge=_SYSTEM_GIB, le=16384)]
_WIDEST_PREFIX = 8  # of a range that may reach the instances; wider ones are most of the internet


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ComposeSettings(LogRetentionSettings, DeletionProtectionSettings, InstanceSettings):
    """The instances, who may reach them, and how the containers share the larger one."""

    title: ClassVar[str] = "Airflow and MLflow on EC2 with Docker Compose"

    orchestration_instance_type: InstanceType = key(
        "EC2 type of the instance that runs Airflow and MLflow, such as t4g.medium or t3.medium",
        micro="t4g.medium",
        learning="t4g.medium",
        standard="t4g.large",
        production="m7g.xlarge",
    )
    orchestration_volume_gib: Gib = key(
        "GiB of its encrypted gp3 volume, 8 to 16384", micro=16, learning=30, standard=30, production=30
    )
    orchestration_spot: bool = key(
        "Whether it is a spot instance, which AWS may stop with two minutes' notice: true or false",
        micro=True,
        learning=False,
        standard=False,
        production=False,
    )
    frontend_instance: bool = key(
        "Whether the page for people has an instance of its own: true or false",
        micro=False,
        learning=True,
        standard=True,
        production=True,
    )
    frontend_instance_type: InstanceType = key(
        "EC2 type of the frontend instance, of the same processor as the other", "t4g.micro"
    )
    frontend_volume_gib: Gib = key("GiB of its encrypted gp3 volume, 8 to 16384", 8)
    admin_port: Annotated[int, Field(ge=0, le=65535)] = key(
        "Port of the admin GUI; 0 is 5000 on the frontend instance, and 5001 beside MLflow, which has 5000", 0
    )
    swap_gib: Annotated[int, Field(ge=0, le=64)] = key(
        "GiB of swap on the orchestration instance's volume, 0 to 64", 2
    )
    compose_executor: Executor = key(
        "Where Airflow runs its tasks: local (in the scheduler) or celery (in a worker, through Redis)",
        micro="local",
        learning="celery",
        standard="celery",
        production="celery",
    )
    ingress_cidrs: Annotated[tuple[Cidr, ...], Distinct] = key(
        "IPv4 ranges that may reach the instances; empty leaves AWS Systems Manager as the only way in", ()
    )
    elastic_ip: bool = key("Whether the instances keep their addresses when they are stopped", False)
    ssh_public_key: OptionalSshPublicKey = key(
        "Public key that opens SSH to ingressCidrs; empty leaves the port closed", ""
    )
    backup_hours: Annotated[int, Field(ge=1, le=24)] = key(
        "Hours between backups of Postgres to the data bucket, 1 to 24; stopping makes one too", 6
    )

    @property
    def admin_gui_port(self) -> int:
        """The port of the admin GUI on the instance that runs it."""
        return self.admin_port or (ADMIN_PORT if self.frontend_instance else ADMIN_PORT + 1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse([*self._sizes(), *self._processors(), *self._sources(), *self._spot(), *self._ports()])
        return self

    def _sizes(self) -> Iterator[str]:
        try:
            memory_limits(
                memory_mib(self.orchestration_instance_type),
                self.compose_executor,
                admin=not self.frontend_instance,
            )
        except ValueError as error:
            fix = "" if self.compose_executor == "local" else "; or set composeExecutor to local"
            yield f"orchestrationInstanceType: got {self.orchestration_instance_type!r}, {error}{fix}"
        if self.swap_gib > (room := self.orchestration_volume_gib - _SYSTEM_GIB):
            yield (
                f"swapGib: got {self.swap_gib}, allowed: up to {room}, which leaves {_SYSTEM_GIB} GiB of "
                f"orchestrationVolumeGib ({self.orchestration_volume_gib}) to the system and the images; "
                "lower it, or widen the volume"
            )
        try:
            mib = memory_mib(self.frontend_instance_type)
            if self.frontend_instance:
                frontend_limits(mib)
        except ValueError as error:
            yield f"frontendInstanceType: got {self.frontend_instance_type!r}, {error}"

    def _processors(self) -> Iterator[str]:
        needed = architecture(self.orchestration_instance_type)
        if self.frontend_instance and architecture(self.frontend_instance_type) != needed:
            yield (
                f"frontendInstanceType: got {self.frontend_instance_type!r}, allowed: a type with "
                f"orchestrationInstanceType's processor ({needed}), for which the images are built"
            )

    def _ports(self) -> Iterator[str]:
        taken = {STATUS_PORT, *(() if self.frontend_instance else (AIRFLOW_PORT, MLFLOW_PORT))}
        if self.admin_gui_port in taken or 0 < self.admin_port < 1024:
            others = ", ".join(map(str, sorted(taken)))
            yield f"adminPort: got {self.admin_port}, allowed: 0, or 1024 to 65535 but for {others}"

    def _spot(self) -> Iterator[str]:
        if self.orchestration_spot and self.deletion_protection:
            yield (
                "orchestrationSpot: got true with deletionProtection true, but EC2 protects no spot instance "
                "from termination; set one of them to false"
            )

    def _sources(self) -> Iterator[str]:
        for cidr in self.ingress_cidrs:
            if IPv4Network(cidr).prefixlen < _WIDEST_PREFIX:
                yield (
                    f"ingressCidrs: got {cidr!r}, allowed: ranges of /{_WIDEST_PREFIX} and smaller, for the "
                    "instances speak plain HTTP; name your own network, such as 198.51.100.7/32"
                )
