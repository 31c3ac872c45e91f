"""The ways from the VPC to AWS services that do not leave AWS's network."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name


def s3(
    name: str, vpc: aws.ec2.Vpc, tables: Sequence[aws.ec2.RouteTable], *, parent: pulumi.Resource
) -> aws.ec2.VpcEndpoint:
    """The gateway endpoint of S3, which costs nothing, in every route table."""
    return aws.ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=_service("s3", parent),
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags={"Name": physical_name("s3")},
        opts=pulumi.ResourceOptions(parent=parent),
    )


def interfaces(
    name: str,
    services: Sequence[str],
    vpc_id: pulumi.Input[str],
    vpc_cidr: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    *,
    parent: pulumi.Resource,
) -> None:
    """An interface endpoint for each service, which takes HTTPS from the VPC."""
    if not services:
        return
    group = _https_from(vpc_cidr, name, vpc_id, parent)
    for service in services:
        aws.ec2.VpcEndpoint(
            f"{name}-{service.replace('.', '-')}",
            vpc_id=vpc_id,
            service_name=_service(service, parent),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=subnet_ids,
            security_group_ids=[group.id],
            tags={"Name": physical_name(service)},
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _https_from(
    vpc_cidr: pulumi.Input[str], name: str, vpc_id: pulumi.Input[str], parent: pulumi.Resource
) -> aws.ec2.SecurityGroup:
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        name=physical_name("endpoints"),
        description="Interface endpoints: HTTPS from the VPC",
        vpc_id=vpc_id,
        tags={"Name": physical_name("endpoints")},
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-endpoints-https",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4=vpc_cidr,
        description="HTTPS from the VPC",
        opts=opts,
    )
    return group


def _service(service: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent))
    return pulumi.Output.format("com.amazonaws.{0}.{1}", region.region, service)
