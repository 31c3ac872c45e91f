"""Settings of the network."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components._settings.base import SECTION, Cidr, LogRetentionDays

Nat = Literal["none", "instance", "gateway", "gateway-per-az"]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class NetworkSettings:
    """The VPC, its subnets and the ways out of it."""

    vpc_cidr: Cidr = "10.0.0.0/16"
    availability_zone_count: Annotated[int, Field(ge=2, le=6)] = 2
    public_subnet_cidrs: tuple[Cidr, ...] = ()
    private_subnet_cidrs: tuple[Cidr, ...] = ()
    nat: Nat = "none"
    nat_instance_type: str = "t4g.nano"
    interface_endpoints: tuple[str, ...] = ()
    flow_logs: bool = False
    log_retention_days: LogRetentionDays = 7
    existing_vpc_id: str = ""
    existing_public_subnet_ids: tuple[str, ...] = ()
    existing_private_subnet_ids: tuple[str, ...] = ()
