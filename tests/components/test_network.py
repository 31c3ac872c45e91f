"""The VPC: what is made for each `nat`, and what is not made in a VPC that the stack brings."""

from typing import Any

import pulumi
import pytest

from components.network import Network, NetworkArgs
from components.network.settings import NetworkSettings
from tests.components.conftest import Deploy, Deployed
from tests.components.networks import made


def cidrs(deployed: Deployed, kind: str) -> list[str]:
    return [one.inputs["cidrBlock"] for one in deployed.all("Subnet") if kind in one.name]


def test_default_vpc(deploy: Deploy) -> None:
    """Two public and two private subnets, over two zones."""
    deployed = made(deploy)
    vpc = deployed.one("Vpc").inputs
    assert (vpc["cidrBlock"], vpc["enableDnsSupport"], vpc["enableDnsHostnames"]) == (
        "10.0.0.0/16",
        True,
        True,
    )
    assert sorted(cidrs(deployed, "public")) == ["10.0.1.0/24", "10.0.2.0/24"]
    assert sorted(cidrs(deployed, "private")) == ["10.0.3.0/24", "10.0.4.0/24"]
    zones = {one.name: one.inputs["availabilityZone"] for one in deployed.all("Subnet")}
    assert zones["network-public-1"] == zones["network-private-1"] == "us-east-1a"
    assert zones["network-public-2"] == zones["network-private-2"] == "us-east-1b"


def test_the_default_security_group_allows_nothing(deploy: Deploy) -> None:
    group = made(deploy).one("DefaultSecurityGroup").inputs
    assert "ingress" not in group
    assert "egress" not in group


def test_without_nat_only_the_public_subnets_reach_the_internet(deploy: Deploy) -> None:
    deployed = made(deploy, nat="none")
    assert [route.name for route in deployed.all("Route")] == ["network-public-internet"]
    assert not deployed.all("NatGateway")
    assert not deployed.all("Instance")


@pytest.mark.parametrize(("nat", "count"), [("gateway", 1), ("gateway-per-az", 3)])
def test_gateways_serve_every_private_subnet(deploy: Deploy, nat: str, count: int) -> None:
    deployed = made(deploy, nat=nat, availability_zone_count=3)
    gateways = {one.name: one.inputs["subnetId"] for one in deployed.all("NatGateway")}
    assert gateways == {f"network-nat-{zone}": f"network-public-{zone}-id" for zone in range(1, count + 1)}
    assert len(deployed.all("Eip")) == count
    routes = {
        one.inputs["routeTableId"]: one.inputs["natGatewayId"]
        for one in deployed.all("Route")
        if "natGatewayId" in one.inputs
    }
    assert routes == {
        f"network-private-{zone}-id": f"network-nat-{min(zone, count)}-id" for zone in range(1, 4)
    }


def test_public_subnets_map_public_addresses(deploy: Deploy) -> None:
    """A stopped instance reads as one without a public address, and that input replaces it."""
    deployed = made(deploy, nat="instance")
    assert "associatePublicIpAddress" not in deployed.one("Instance").inputs
    gives = {one.name: one.inputs.get("mapPublicIpOnLaunch") for one in deployed.all("Subnet")}
    assert gives == {
        "network-public-1": True,
        "network-public-2": True,
        "network-private-1": False,
        "network-private-2": False,
    }


def test_the_s3_endpoint_serves_every_route_table(deploy: Deploy) -> None:
    endpoint = made(deploy, nat="none").one("VpcEndpoint").inputs
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint["vpcEndpointType"] == "Gateway"
    tables = {"network-public-id", "network-private-1-id", "network-private-2-id"}
    assert set(endpoint["routeTableIds"]) == tables


def test_interface_endpoints_take_https_from_the_vpc(deploy: Deploy) -> None:
    deployed = made(deploy, interface_endpoints=("ecr.api", "logs"))
    interfaces = [one.inputs for one in deployed.all("VpcEndpoint") if one.name != "network-s3"]
    names = {one["serviceName"] for one in interfaces}
    assert names == {"com.amazonaws.us-east-1.ecr.api", "com.amazonaws.us-east-1.logs"}
    assert all(one["privateDnsEnabled"] for one in interfaces)
    rule = deployed.one("SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_flow_logs_are_kept_where_the_project_keeps_them(deploy: Deploy) -> None:
    deployed = made(deploy, flow_logs=True, log_retention_days=30)
    group = deployed.one("LogGroup").inputs
    assert (group["name"], group["retentionInDays"]) == ("/aws/vpc/mlops-taxi-prediction-dev", 30)
    assert deployed.one("FlowLog").inputs["trafficType"] == "ALL"
    [write, find] = deployed.one("RolePolicy").inputs["policy"]["Statement"]
    assert all(resource.startswith("arn:aws:cloudwatch:") for resource in write["Resource"])
    assert find["Action"] == ["logs:DescribeLogGroups"]


def test_an_existing_vpc_is_taken_as_it_is(deploy: Deploy) -> None:
    def program() -> list[pulumi.Output[str]]:
        network = Network(
            "network",
            NetworkArgs(
                settings=NetworkSettings(
                    existing_vpc_id="vpc-0000abcd",
                    existing_public_subnet_ids=("subnet-00000001", "subnet-00000002"),
                    existing_private_subnet_ids=("subnet-00000003", "subnet-00000004"),
                    nat="gateway",
                ),
            ),
        )
        assert network.has_nat
        assert network.internet_routes == []
        assert network.private_route_table_ids == []
        return [network.vpc_id, network.vpc_cidr, *network.public_subnet_ids, *network.private_subnet_ids]

    deployed = deploy(program)
    assert deployed.result == [
        "vpc-theirs",
        "172.16.0.0/16",
        "subnet-00000001",
        "subnet-00000002",
        "subnet-00000003",
        "subnet-00000004",
    ]
    assert deployed.names() == ["Network network"]


def offered(*zones: str) -> dict[str, dict[str, Any]]:
    return {"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {"locations": list(zones)}}


def zones_used(deployed: Deployed) -> list[str]:
    return [one.inputs["availabilityZone"] for one in deployed.all("Subnet") if "public" in one.name]


def test_zones_without_the_instance_type_are_passed_over(deploy: Deploy) -> None:
    deployed = made(deploy, nat="instance", invokes=offered("us-east-1b", "us-east-1e"))
    assert zones_used(deployed) == ["us-east-1b", "us-east-1e"]
    [asked] = [args for token, args in deployed.invoked if "Offerings" in token]
    assert asked["locationType"] == "availability-zone"
    assert asked["filters"] == [{"name": "instance-type", "values": ["t4g.nano"]}]


def test_too_few_zones_with_the_instance_type_are_refused(deploy: Deploy) -> None:
    with pytest.raises(
        Exception, match=r"got 2, the region has us-east-1b with t4g\.nano; set it to 1 or fewer"
    ):
        made(deploy, nat="instance", invokes=offered("us-east-1b"))


def test_zones_can_be_named(deploy: Deploy) -> None:
    named = ("us-east-1d", "us-east-1c")
    assert zones_used(made(deploy, nat="none", availability_zones=named)) == list(named)
    with pytest.raises(Exception, match="availabilityZones: got us-west-2a, the region has us-east-1a"):
        made(deploy, nat="none", availability_zones=("us-east-1d", "us-west-2a"))
    with pytest.raises(ValueError, match="availabilityZones: got 1 names, availabilityZoneCount is 2"):
        NetworkSettings(availability_zones=("us-east-1d",))


def test_more_zones_than_the_region_has_are_refused(deploy: Deploy) -> None:
    """With those that it has."""
    few = {"aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ["us-west-1a", "us-west-1b"]}}
    with pytest.raises(
        Exception, match=r"availabilityZoneCount: got 3, the region has us-west-1a, us-west-1b"
    ):
        made(deploy, invokes=few, availability_zone_count=3)
