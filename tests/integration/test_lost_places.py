"""The runbooks for a lost zone and a lost region: what still stands, and what their commands change."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.engine import Deployment, Resource
from ops.engine.changes import changes, snapshots
from ops.engine.names import clashes
from tests.integration.published import all_of

SUBNET, ROUTE = "aws:ec2/subnet:Subnet", "aws:ec2/route:Route"
ELSEWHERE = '["us-east-1c", "us-east-1b"]'  # us-east-1a is lost, and the other stays where it is


def standing(deployment: Deployment, lost: str) -> set[str]:
    """The ids of the subnets of the zones that are left."""
    return {one.id or "" for one in all_of(deployment, SUBNET) if one.inputs["availabilityZone"] != lost}


def zones(deployment: Deployment) -> set[str]:
    return {one.inputs["availabilityZone"] for one in all_of(deployment, SUBNET)}


def ways_out(deployment: Deployment, left: set[str]) -> Iterator[Resource | None]:
    """The NAT gateway or instance of each private subnet that is left, None where it is lost."""
    by_id = {one.id: one for one in deployment.resources}
    tables = {
        one.inputs["routeTableId"]
        for one in all_of(deployment, "aws:ec2/routeTableAssociation:RouteTableAssociation")
        if one.inputs["subnetId"] in left and "private" in one.name
    }
    for route in all_of(deployment, ROUTE):
        if route.inputs["routeTableId"] in tables:
            gateway = by_id.get(route.inputs.get("natGatewayId"))
            yield gateway if gateway and gateway.inputs["subnetId"] in left else None


@pytest.mark.xdist_group("graph-dev-production")
def test_production_goes_on_without_a_zone(graph: Any) -> None:
    """Each zone alone has a database, subnets of the balancer and of every service, files and a way out."""
    deployment = graph("dev", "production", preview=False)
    for lost in zones(deployment):
        left = standing(deployment, lost)
        (database,) = all_of(deployment, "aws:rds/instance:Instance")
        assert database.inputs["multiAz"] is True
        (balancer,) = all_of(deployment, "aws:lb/loadBalancer:LoadBalancer")
        assert left & {*balancer.inputs["subnets"]}
        for service in all_of(deployment, "aws:ecs/service:Service"):
            assert left & {*service.inputs["networkConfiguration"]["subnets"]}, service.name
        assert any(
            one.inputs["subnetId"] in left for one in all_of(deployment, "aws:efs/mountTarget:MountTarget")
        )
        found = list(ways_out(deployment, left))
        assert found
        assert None not in found


@pytest.mark.xdist_group("graph-dev-standard")
def test_standard_gets_a_way_out_for_each_zone(graph: Any) -> None:
    """By nat gateway-per-az, which leaves database, files and buckets alone."""
    before = graph("dev", "standard", preview=False)
    after = graph("dev", "standard", preview=False, nat="gateway-per-az")
    for lost in zones(after):
        assert None not in list(ways_out(after, standing(after, lost)))
    for one in changes(snapshots(before), snapshots(after)):
        assert one.operation in ("create", "update") or "mlops:index:Network" in one.urn, one


@pytest.mark.xdist_group("graph-dev-micro")
def test_an_instance_moves_to_another_zone(graph: Any) -> None:
    """With its zone's subnets, as a real engine has it; what it was made of stays, and so do all data."""
    before = graph("dev", "micro", preview=False)
    after = graph("dev", "micro", preview=False, availabilityZones=ELSEWHERE)
    assert zones(after) == {"us-east-1b", "us-east-1c"}
    found = changes(snapshots(before), snapshots(after))
    replaced = {one.urn.rpartition("::")[2] for one in found if one.operation == "replace"}
    assert replaced == {
        *("network-public-1", "network-private-1", "network-private-1-1"),
        "orchestration-orchestration",
    }
    assert not [one for one in found if one.operation in ("create", "delete")]
    subnets = all_of(after, SUBNET)
    assert [one for one in subnets if "availabilityZone" in str(one.ignore_changes)] == []


@pytest.mark.xdist_group("lost-region")
def test_a_stack_elsewhere_names_nothing_of_the_lost_region(graph: Any) -> None:
    """Nor meets what is left of the old one, in whatever all regions share."""
    lost = graph("dev", "learning", preview=False)
    settings = {"aws:region": "eu-west-1", "bucketSuffix": "two"}
    other = graph("prod", "learning", preview=False, **settings)
    assert all(zone.startswith("eu-west-1") for zone in zones(other))
    for one in other.resources:
        told = json.dumps(one.inputs, default=str)
        assert "us-east-1" not in told or "AWS/Billing" in told, one.urn
    assert clashes(lost.resources, other.resources) == []
