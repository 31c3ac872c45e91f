"""The VPC: subnets over the availability zones, the ways out, endpoints and flow logs."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.instance_alarms import instance_alarms, instance_panel
from components.common.monitored import Monitored
from components.common.names import physical_name
from components.common.placement import Placement
from components.network import endpoints, nat
from components.network.flow_logs import flow_logs
from components.network.settings import NetworkSettings
from components.network.subnets import subnets
from components.network.zones import zone_names


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The settings, and the types of the instances to come."""

    settings: NetworkSettings
    instance_types: tuple[str, ...] = ()


class Network(pulumi.ComponentResource):
    """A VPC with a public and a private subnet in each availability zone, or the one that the stack brings.

    ::

        args = NetworkArgs(settings=NetworkSettings(nat="gateway"))
        network = Network("network", args)
        pulumi.export("vpc_id", network.vpc_id)

    `has_nat` says whether the private subnets reach the internet. `internet_routes` are to be there before
    anything that needs the internet. In a VPC of the stack's own making `private_route_table_ids` has one id
    a zone; in one that it brings the routes are the owner's, and both lists are empty.
    """

    vpc_id: pulumi.Output[str]
    vpc_cidr: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    private_route_table_ids: list[pulumi.Output[str]]
    internet_routes: list[pulumi.Resource]
    placement: Placement
    outputs: dict[str, pulumi.Input[Any]]
    has_nat: bool
    monitored: Monitored

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Network", name, None, opts)
        settings = args.settings
        self.has_nat = settings.nat != "none"
        self.monitored = Monitored(owner=self, name=name)
        if settings.existing_vpc_id:
            self._adopt(settings)
        else:
            self._create(name, args)
        endpoints.interfaces(
            name,
            settings.interface_endpoints,
            self.vpc_id,
            self.vpc_cidr,
            self.private_subnet_ids,
            parent=self,
        )
        if settings.flow_logs:
            flow_logs(name, self.vpc_id, settings.log_retention_days, parent=self)
        self.placement = Placement(
            vpc_id=self.vpc_id,
            public_subnet_ids=self.public_subnet_ids,
            private_subnet_ids=self.private_subnet_ids,
            private_egress=self.has_nat,
        )
        self.outputs = {
            "vpc_id": self.vpc_id,
            "public_subnet_ids": self.public_subnet_ids,
            "private_subnet_ids": self.private_subnet_ids,
        }
        self.register_outputs(self.outputs)

    def _adopt(self, settings: NetworkSettings) -> None:
        vpc = aws.ec2.get_vpc_output(
            id=settings.existing_vpc_id, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        self.vpc_id = vpc.id
        self.vpc_cidr = vpc.cidr_block
        self.public_subnet_ids = [
            pulumi.Output.from_input(subnet) for subnet in settings.existing_public_subnet_ids
        ]
        self.private_subnet_ids = [
            pulumi.Output.from_input(subnet) for subnet in settings.existing_private_subnet_ids
        ]
        self.private_route_table_ids = []
        self.internet_routes = []

    def _create(self, name: str, args: NetworkArgs) -> None:
        settings = args.settings
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=settings.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": physical_name("vpc")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        # AWS lets the members of the default group talk to each other; without rules nothing may.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default",
            vpc_id=vpc.id,
            tags={"Name": physical_name("default")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        ranges = settings.subnets()
        nat_types = [settings.nat_instance_type] if settings.nat == "instance" else []
        zones = zone_names(settings, [*args.instance_types, *nat_types], parent=self)
        public = subnets(name, "public", vpc, dict(zip(ranges.public, zones, strict=True)), settings, self)
        private = subnets(name, "private", vpc, dict(zip(ranges.private, zones, strict=True)), settings, self)
        public_table, route = self._public_routes(name, vpc, public)
        private_tables = [
            self._route_table(name, f"private-{zone}", vpc, [subnet])
            for zone, subnet in enumerate(private, start=1)
        ]
        nat_routes = self._nat_routes(name, args, vpc, public, private_tables, route)
        self.internet_routes = [route, *nat_routes]
        endpoints.s3(name, vpc, [public_table, *private_tables], parent=self)
        self.vpc_id = vpc.id
        self.vpc_cidr = vpc.cidr_block
        self.public_subnet_ids = [subnet.id for subnet in public]
        self.private_subnet_ids = [subnet.id for subnet in private]
        self.private_route_table_ids = [table.id for table in private_tables]

    def _route_table(
        self, name: str, kind: str, vpc: aws.ec2.Vpc, subnets: list[aws.ec2.Subnet]
    ) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{name}-{kind}",
            vpc_id=vpc.id,
            tags={"Name": physical_name(kind)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        for index, subnet in enumerate(subnets, start=1):
            aws.ec2.RouteTableAssociation(
                f"{name}-{kind}-{index}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return table

    def _public_routes(
        self, name: str, vpc: aws.ec2.Vpc, subnets: list[aws.ec2.Subnet]
    ) -> tuple[aws.ec2.RouteTable, aws.ec2.Route]:
        internet = aws.ec2.InternetGateway(
            f"{name}-internet",
            vpc_id=vpc.id,
            tags={"Name": physical_name("internet")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        table = self._route_table(name, "public", vpc, subnets)
        route = aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=internet.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return table, route

    def _nat_routes(
        self,
        name: str,
        args: NetworkArgs,
        vpc: aws.ec2.Vpc,
        public: list[aws.ec2.Subnet],
        tables: list[aws.ec2.RouteTable],
        public_route: aws.ec2.Route,
    ) -> list[aws.ec2.Route]:
        targets = self._nat_targets(name, args, vpc, public, public_route)
        return [
            aws.ec2.Route(
                f"{name}-private-{zone + 1}-internet",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                **targets[zone % len(targets)],
                opts=pulumi.ResourceOptions(parent=self),
            )
            for zone, table in enumerate(tables if targets else ())
        ]

    def _nat_targets(
        self,
        name: str,
        args: NetworkArgs,
        vpc: aws.ec2.Vpc,
        public: list[aws.ec2.Subnet],
        public_route: aws.ec2.Route,
    ) -> list[dict[str, pulumi.Input[str]]]:
        """Where the private subnets' routes lead: nowhere, one target for all, or one a zone."""
        settings = args.settings
        if settings.nat == "none":
            return []
        if settings.nat == "instance":
            one = nat.instance(
                name,
                nat.NatInstanceArgs(
                    instance_type=settings.nat_instance_type,
                    cpu_credits=settings.cpu_credits,
                    vpc=vpc,
                    subnet=public[0],
                    private_cidrs=settings.subnets().private,
                    public_route=public_route,
                ),
                self,
            )
            self.monitored = self._monitored(name, settings, one)
            return [{"network_interface_id": one.primary_network_interface_id}]
        subnets = public if settings.nat == "gateway-per-az" else public[:1]
        return [{"nat_gateway_id": made.id} for made in nat.gateways(name, subnets, public_route, self)]

    def _monitored(self, name: str, settings: NetworkSettings, one: aws.ec2.Instance) -> Monitored:
        alarms = instance_alarms(
            "nat",
            one.id,
            instance_type=settings.nat_instance_type,
            settings=settings,
            parent=self,
        )
        return Monitored(owner=self, name=name, alarms=alarms, panels=(instance_panel({"NAT": one.id}),))
