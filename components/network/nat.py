"""The ways out of the private subnets: a small instance, one gateway, or a gateway in every zone."""

import pulumi
import pulumi_aws as aws

from components.common.machine_image import machine_image
from components.common.names import physical_name


def user_data(vpc_cidr: pulumi.Input[str]) -> pulumi.Output[str]:
    """A boot script that forwards what comes from `vpc_cidr`, behind the instance's own address."""
    return pulumi.Output.format(
        """#!/bin/bash
set -euo pipefail
dnf install --assumeyes nftables
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
sysctl --load /etc/sysctl.d/90-nat.conf
cat > /etc/sysconfig/nftables.conf <<'RULES'
table ip nat {{
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {0} ip daddr != {0} masquerade
  }}
}}
RULES
systemctl enable --now nftables
""",
        vpc_cidr,
    )


def gateways(
    name: str, subnets: list[aws.ec2.Subnet], internet: aws.ec2.InternetGateway, parent: pulumi.Resource
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
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[internet]),
            )
        )
    return made


def instance(
    name: str,
    instance_type: str,
    vpc: aws.ec2.Vpc,
    subnet: aws.ec2.Subnet,
    private_cidrs: tuple[str, ...],
    parent: pulumi.Resource,
) -> aws.ec2.Instance:
    """An instance in `subnet` that does what a NAT gateway does, for a tenth of its price."""
    image = machine_image(instance_type, parent)
    return aws.ec2.Instance(
        f"{name}-nat",
        ami=image,
        instance_type=instance_type,
        subnet_id=subnet.id,
        associate_public_ip_address=True,
        source_dest_check=False,  # it forwards packets that are addressed to others
        vpc_security_group_ids=[_security_group(name, vpc, private_cidrs, parent).id],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        root_block_device={"encrypted": True, "volume_type": "gp3"},
        user_data=user_data(vpc.cidr_block),
        user_data_replace_on_change=True,
        tags={"Name": physical_name("nat")},
        # The parameter moves with every image that AWS releases; a replacement would cut connections.
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["ami"]),
    )


def _security_group(
    name: str, vpc: aws.ec2.Vpc, private_cidrs: tuple[str, ...], parent: pulumi.Resource
) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{name}-nat",
        name=physical_name("nat"),
        description="NAT instance: everything from the private subnets, to anywhere",
        vpc_id=vpc.id,
        tags={"Name": physical_name("nat")},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    for zone, cidr in enumerate(private_cidrs, start=1):
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
