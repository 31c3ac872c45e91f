"""Settings of the network."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.settings import InstanceSettings, LogRetentionSettings
from components.config.aws_types import EndpointService, InstanceType, OptionalVpcId, SubnetId
from components.config.keys import SECTION, key
from components.config.types import Cidr, Distinct, refuse
from components.network import cidr

ZoneName = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
Nat = Literal["none", "instance", "gateway", "gateway-per-az"]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class NetworkSettings(LogRetentionSettings, InstanceSettings):
    """The VPC, its subnets and the ways out of it.

    With `existing_vpc_id` the VPC, its subnets and routes are the owner's, and `nat` only says whether the
    private subnets have a way out.
    """

    title: ClassVar[str] = "Network"

    vpc_cidr: Cidr = key("IPv4 range of the VPC, /16 to /28", "10.0.0.0/16")
    availability_zone_count: Annotated[int, Field(ge=2, le=6)] = key(
        "Availability zones to spread over, 2 to 6; each has a public and a private subnet", 2
    )
    availability_zones: Annotated[tuple[ZoneName, ...], Distinct] = key(
        "Availability zones by name; empty takes the first that have the stack's instance types", ()
    )
    subnet_prefix: Annotated[int, Field(ge=16, le=28)] = key(
        "Prefix length of the planned subnets, 16 to 28", 24
    )
    public_subnet_cidrs: tuple[Cidr, ...] = key(
        "Ranges of the public subnets, one a zone; empty plans them", ()
    )
    private_subnet_cidrs: tuple[Cidr, ...] = key(
        "Ranges of the private subnets, one a zone; empty plans them", ()
    )
    nat: Nat = key(
        "Way out of the private subnets: none, instance, gateway or gateway-per-az",
        micro="none",
        learning="none",
        standard="instance",
        production="gateway-per-az",
    )
    nat_instance_type: InstanceType = key(
        "EC2 type of the NAT instance; Graviton types are the cheapest", "t4g.nano"
    )
    interface_endpoints: Annotated[tuple[EndpointService, ...], Distinct] = key(
        "AWS services to reach inside of the VPC, such as ecr.api, ecr.dkr, logs", ()
    )
    flow_logs: bool = key(
        "Whether the VPC's flows are logged to CloudWatch: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )
    existing_vpc_id: OptionalVpcId = key("VPC to use instead of making one; its routes stay its owner's", "")
    existing_public_subnet_ids: Annotated[tuple[SubnetId, ...], Distinct] = key(
        "Public subnets of the existing VPC, two or more in different zones", ()
    )
    existing_private_subnet_ids: Annotated[tuple[SubnetId, ...], Distinct] = key(
        "Private subnets of the existing VPC, two or more in different zones", ()
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse([*self._existing_problems(), *self._subnet_problems(), *self._endpoint_problems()])
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
        for name, ids in kinds.items():
            if self.existing_vpc_id and len(ids) < 2:
                yield f"{name}: got {len(ids)} ids, existingVpcId needs 2 or more, a zone each"
            if ids and not self.existing_vpc_id:
                yield f"{name}: got {', '.join(ids)} without existingVpcId; name the VPC, or remove the ids"

    def _endpoint_problems(self) -> Iterator[str]:
        if "s3" in self.interface_endpoints and not self.existing_vpc_id:
            yield (
                "interfaceEndpoints: got 's3', which the VPC has a gateway endpoint for, at no cost; "
                "remove it (only a VPC of existingVpcId may have it)"
            )

    def _subnet_problems(self) -> Iterator[str]:
        if self.existing_vpc_id:
            return
        lists = {
            "availabilityZones": (self.availability_zones, "names"),
            "publicSubnetCidrs": (self.public_subnet_cidrs, "ranges"),
            "privateSubnetCidrs": (self.private_subnet_cidrs, "ranges"),
        }
        for name, (values, kind) in lists.items():
            zones = self.availability_zone_count
            if values and len(values) != zones:
                yield f"{name}: got {len(values)} {kind}, availabilityZoneCount is {zones}; give one a zone"
        try:
            planned = self.subnets()
        except ValueError as error:
            yield (
                f"vpcCidr: {error}; widen vpcCidr, raise subnetPrefix (got {self.subnet_prefix}) or lower "
                "availabilityZoneCount"
            )
            return
        for problem in cidr.problems(self.vpc_cidr, [*planned.public, *planned.private]):
            yield f"vpcCidr, subnetPrefix, publicSubnetCidrs, privateSubnetCidrs: {problem}"
