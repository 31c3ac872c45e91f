"""The subnets of a VPC, each in a zone."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name
from components.network.settings import NetworkSettings


def subnets(
    name: str,
    kind: str,
    vpc: aws.ec2.Vpc,
    zones: Mapping[str, str],
    settings: NetworkSettings,
    parent: pulumi.Resource,
) -> list[aws.ec2.Subnet]:
    """A subnet of the kind `public` or `private` for each range of `zones`, in that zone."""
    # A zone that AWS opens later may sort before one of these; unless the stack names its zones, the subnets
    # stay where they are. In another zone a subnet takes the range of the one that it replaces.
    opts = pulumi.ResourceOptions(
        parent=parent,
        ignore_changes=None if settings.availability_zones else ["availability_zone"],
        delete_before_replace=True,
    )
    return [
        aws.ec2.Subnet(
            f"{name}-{kind}-{index}",
            vpc_id=vpc.id,
            cidr_block=cidr,
            availability_zone=zone,
            map_public_ip_on_launch=kind == "public",
            tags={"Name": physical_name(f"{kind}-{index}"), "Tier": kind},
            opts=opts,
        )
        for index, (cidr, zone) in enumerate(zones.items(), start=1)
    ]
