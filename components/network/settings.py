"""Settings of the network."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, Cidr, LogRetentionDays, refuse
from components.network import cidr

Nat = Literal["none", "instance", "gateway", "gateway-per-az"]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class NetworkSettings:
    """The VPC, its subnets and the ways out of it.

    With `existing_vpc_id` the VPC, its subnets and routes are the owner's, and `nat` only says whether the
    private subnets have a way out.
    """

    vpc_cidr: Cidr = "10.0.0.0/16"
    availability_zone_count: Annotated[int, Field(ge=2, le=6)] = 2
    subnet_prefix: Annotated[int, Field(ge=16, le=28)] = 24
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

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._existing_problems())
        if not self.existing_vpc_id:
            refuse(self._subnet_problems())
        return self

    def subnets(self) -> cidr.Plan:
        """The ranges of the subnets: the stack's own lists where it gives them, else planned."""
        if self.public_subnet_cidrs and self.private_subnet_cidrs:
            return cidr.Plan(public=self.public_subnet_cidrs, private=self.private_subnet_cidrs)
        planned = cidr.plan(self.vpc_cidr, self.availability_zone_count, self.subnet_prefix)
        return cidr.Plan(
            public=self.public_subnet_cidrs or planned.public,
            private=self.private_subnet_cidrs or planned.private,
        )

    def _existing_problems(self) -> Iterator[str]:
        kinds = {
            "existingPublicSubnetIds": self.existing_public_subnet_ids,
            "existingPrivateSubnetIds": self.existing_private_subnet_ids,
        }
        for key, ids in kinds.items():
            if self.existing_vpc_id and len(ids) < 2:
                yield f"{key}: got {len(ids)} ids, existingVpcId needs 2 or more, a zone each"
            if ids and not self.existing_vpc_id:
                yield f"{key}: got {', '.join(ids)} without existingVpcId; name the VPC, or remove the ids"

    def _subnet_problems(self) -> Iterator[str]:
        lists = {
            "publicSubnetCidrs": self.public_subnet_cidrs,
            "privateSubnetCidrs": self.private_subnet_cidrs,
        }
        for key, cidrs in lists.items():
            if cidrs and len(cidrs) != self.availability_zone_count:
                zones = self.availability_zone_count
                yield f"{key}: got {len(cidrs)} ranges, availabilityZoneCount is {zones}; give one a zone"
        try:
            planned = self.subnets()
        except ValueError as error:
            yield f"vpcCidr: {error}; widen vpcCidr or raise subnetPrefix (got {self.subnet_prefix})"
            return
        for problem in cidr.problems(self.vpc_cidr, [*planned.public, *planned.private]):
            yield f"vpcCidr, publicSubnetCidrs, privateSubnetCidrs: {problem}"
