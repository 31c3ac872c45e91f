"""The ways out of the private subnets: a small instance, one gateway, or a gateway in every zone."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.instance_role import instance_role, systems_manager
from components.common.instance_types import credit_specification
from components.common.machine_image import machine_image
from components.common.names import physical_name
from components.network.nat_boot import user_data


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs:
    """Where the NAT instance stands and whom it serves."""

    instance_type: str
    cpu_credits: str
    vpc: aws.ec2.Vpc
    subnet: aws.ec2.Subnet
    private_cidrs: tuple[str, ...]
    public_route: aws.ec2.Route


def gateways(
    name: str, subnets: list[aws.ec2.Subnet], public_route: aws.ec2.Route, parent: pulumi.Resource
) -> list[aws.ec2.NatGateway]:
    """A NAT gateway with an address of its own in each of `subnets`."""
    made = []
    for zone, subnet in enumerate(subnets, start=1):
        tags = {"Name": physical_name(f"nat-{zone}")}
        address = aws.ec2.Eip(
            f"{name}-nat-{zone}", domain="vpc", tags=tags, opts=pulumi.ResourceOptions(parent=parent)
        )
        made.append(
            aws.ec2.NatGateway(
                f"{name}-nat-{zone}",
                allocation_id=address.allocation_id,
                subnet_id=subnet.id,
                tags=tags,
                # AWS refuses a public gateway in a VPC that has no internet gateway attached yet.
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[public_route]),
            )
        )
    return made


def instance(name: str, args: NatInstanceArgs, parent: pulumi.Resource) -> aws.ec2.Instance:
    """An instance that does what a NAT gateway does, for a tenth of its price.

    It installs a package at its first start, so the route to the internet is there before it. Systems
    Manager is the way in. A machine that fails is left for another, and one that hangs is rebooted.
    """
    _, profile, grant = instance_role(name, "nat", [systems_manager()], parent=parent)
    return aws.ec2.Instance(
        f"{name}-nat",
        ami=machine_image(args.instance_type, parent),
        instance_type=args.instance_type,
        credit_specification=credit_specification(args.instance_type, args.cpu_credits),
        subnet_id=args.subnet.id,
        iam_instance_profile=profile.name,
        source_dest_check=False,  # it forwards packets that are addressed to others
        vpc_security_group_ids=[_security_group(name, args, parent).id],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        root_block_device={"encrypted": True, "volume_type": "gp3"},
        user_data=args.vpc.cidr_block.apply(user_data),
        user_data_replace_on_change=True,
        tags={"Name": physical_name("nat")},
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[grant, args.public_route],
            # The parameter moves with every image that AWS releases; a replacement would cut connections.
            ignore_changes=["ami"],
        ),
    )


def _security_group(name: str, args: NatInstanceArgs, parent: pulumi.Resource) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{name}-nat",
        name=physical_name("nat"),
        description="NAT instance: everything from the private subnets, to anywhere",
        vpc_id=args.vpc.id,
        tags={"Name": physical_name("nat")},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    for zone, cidr in enumerate(args.private_cidrs, start=1):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-nat-from-private-{zone}",
            security_group_id=group.id,
            ip_protocol="-1",
            cidr_ipv4=cidr,
            description=f"private subnet {zone}",
            opts=pulumi.ResourceOptions(parent=parent),
        )
    aws.vpc.SecurityGroupEgressRule(
        f"{name}-nat-to-anywhere",
        security_group_id=group.id,
        ip_protocol="-1",
        cidr_ipv4="0.0.0.0/0",
        description="what the private subnets ask for",
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group
