"""Settings of the variant that runs Docker Compose on EC2."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.instance_types import architecture, memory_mib
from components.config.types import SECTION, Cidr, LogRetentionDays, refuse
from components.orchestration.compose.memory import Executor, memory_limits

InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")]
Gib = Annotated[int, Field(ge=8, le=16384)]  # 8 GiB is what Amazon Linux's own image takes
_WIDEST_PREFIX = 8  # of a range that may reach the instances; wider ones are most of the internet


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ComposeSettings:
    """The instances, who may reach them, and how the containers share the larger one."""

    orchestration_instance_type: InstanceType = "t4g.medium"
    orchestration_volume_gib: Gib = 30
    orchestration_spot: bool = False
    frontend_instance: bool = True
    frontend_instance_type: InstanceType = "t4g.micro"
    frontend_volume_gib: Gib = 8
    swap_gib: Annotated[int, Field(ge=0, le=64)] = 2
    compose_executor: Executor = "celery"
    ingress_cidrs: tuple[Cidr, ...] = ()
    elastic_ip: bool = False
    ssh_public_key: str = ""
    backup_hours: Annotated[int, Field(ge=1, le=24)] = 6
    log_retention_days: LogRetentionDays = 7
    deletion_protection: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse([*self._sizes(), *self._processors(), *self._sources()])
        return self

    def _sizes(self) -> Iterator[str]:
        try:
            memory_limits(memory_mib(self.orchestration_instance_type), self.compose_executor)
        except ValueError as error:
            yield f"orchestrationInstanceType: got {self.orchestration_instance_type!r}, {error}"
        try:
            memory_mib(self.frontend_instance_type)
        except ValueError as error:
            yield f"frontendInstanceType: got {self.frontend_instance_type!r}, {error}"

    def _processors(self) -> Iterator[str]:
        needed = architecture(self.orchestration_instance_type)
        if self.frontend_instance and architecture(self.frontend_instance_type) != needed:
            yield (
                f"frontendInstanceType: got {self.frontend_instance_type!r}, allowed: a type with "
                f"orchestrationInstanceType's processor ({needed}), for which the images are built"
            )

    def _sources(self) -> Iterator[str]:
        for cidr in self.ingress_cidrs:
            if IPv4Network(cidr).prefixlen < _WIDEST_PREFIX:
                yield (
                    f"ingressCidrs: got {cidr!r}, allowed: ranges of /{_WIDEST_PREFIX} and smaller, for the "
                    "instances speak plain HTTP; name your own network, such as 198.51.100.7/32"
                )
