"""Each rule alone, and what they share: hours, spot capacity, errors."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from ops.costs.estimate import estimate, unpriced
from ops.costs.model import CostError, Resource
from ops.costs.rules import FREE, RULES
from ops.costs.rules.fargate import on_demand_tasks
from ops.costs.usage import usage, with_changes
from tests.ops.costs.cases import CASES, PUBLIC, STRATEGY, TASK
from tests.ops.costs.stacks import amounts, listed, resource, stack


@pytest.mark.parametrize(
    ("type_", "inputs", "needs", "expected"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)]
)
def test_rule(
    type_: str, inputs: Mapping[str, Any], needs: list[Resource], expected: Mapping[str, str]
) -> None:
    used = with_changes({"snapshot_gb": 10}, "here")
    one = resource(type_, "priced", needs, **inputs)
    lines = listed(one, *needs, used=used).lines
    assert amounts(line for line in lines if line.resource == "priced") == dict(expected)


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in CASES} >= RULES.keys()


@pytest.mark.parametrize("type_", sorted(RULES))
def test_without_its_rule_a_type_is_refused(type_: str) -> None:
    rules = {key: rule for key, rule in RULES.items() if key != type_}
    with pytest.raises(CostError, match=rf"no price rule for {type_}; add a function .* ops/costs/rules"):
        estimate(stack(resource(type_)), usage(), rules=rules)


def test_free_types_say_why() -> None:
    assert not FREE.keys() & RULES.keys()
    assert all(FREE.values())
    found = listed(resource("aws:iam/role:Role"))
    assert (found.lines, found.free["aws:iam/role:Role"]) == ([], "IAM is free")


def test_components_need_no_rule() -> None:
    assert unpriced(["mlops:index:Anything", "aws:iam/role:Role", "aws:new/thing:Thing"]) == [
        "aws:new/thing:Thing"
    ]


@pytest.mark.parametrize(
    ("strategy", "tasks", "on_demand"),
    [
        ([], 2, "2"),
        (STRATEGY, 1, "1"),
        (STRATEGY, 3, "2"),  # the base, and half of the others
        ([{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 1}], 2, "0"),
        ([{"capacityProvider": "FARGATE", "base": 2}], 2, "2"),
    ],
)
def test_tasks_on_demand(strategy: list[dict[str, Any]], tasks: int, on_demand: str) -> None:
    assert on_demand_tasks(strategy, Decimal(tasks)) == Decimal(on_demand)


def test_tasks_of_no_service_share_their_hours() -> None:
    """On the capacity that their component's cluster has by default."""
    inputs = {"cpu": "1024", "memory": "2048", "runtimePlatform": {"cpuArchitecture": "ARM64"}}
    tasks = [resource(TASK.type, name, **inputs) for name in ("train", "predict")]
    providers = resource(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        defaultCapacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )
    found = [line for line in listed(*tasks, providers).lines if line.what == "tasks, 1 vCPU"]
    assert [(line.resource, line.quantity) for line in found] == [
        ("train", Decimal(5)),
        ("predict", Decimal(5)),
    ]
    assert {line.note for line in found} == {"spot at 33% of the list price"}


def test_spot_shows_its_range() -> None:
    service = resource(
        "aws:ecs/service:Service",
        "one",
        [TASK],
        desiredCount=1,
        capacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )
    found = listed(service, TASK)
    # 0.5 x 730 x 0.03238 + 730 x 0.00356 = 14.4175, of which 33, 30 and 50 %
    assert (found.usd, *found.range) == (Decimal("4.76"), Decimal("4.33"), Decimal("7.21"))
    assert found.lines[0].note == "spot at 33% of the list price"


def test_office_hours() -> None:
    """Twelve hours on five days are 60 of a week's 168: 260.714 a month; the volume costs all the time."""
    one = resource("aws:ec2/instance:Instance", "one", [PUBLIC], instanceType="t4g.medium")
    schedules = [
        resource("aws:scheduler/schedule:Schedule", name, [one], scheduleExpression=cron)
        for name, cron in (
            ("one-start", "cron(0 8 ? * MON,TUE,WED,THU,FRI *)"),
            ("one-stop", "cron(0 20 * * ? *)"),
        )
    ]
    found = amounts(line for line in listed(one, PUBLIC, *schedules).lines if line.resource == "one")
    # 260.714286 x 0.0336 and x 0.005
    assert found == {
        "instance t4g.medium": "8.7600",
        "volume, gp3": "0.6400",
        "public IPv4 address": "1.3036",
    }


def test_an_elastic_ip_is_priced_once() -> None:
    one = resource("aws:ec2/instance:Instance", "one", [PUBLIC], instanceType="t4g.nano")
    address = resource("aws:ec2/eip:Eip", "ip")
    association = resource("aws:ec2/eipAssociation:EipAssociation", "tie", [one, address])
    found = [line for line in listed(one, PUBLIC, address, association).lines if "IPv4" in line.what]
    assert [line.resource for line in found] == ["ip"]


def test_gateways_share_their_data() -> None:
    gateways = [resource("aws:ec2/natGateway:NatGateway", name) for name in ("one", "two")]
    found = [line for line in listed(*gateways).lines if line.what == "data through it"]
    assert [line.quantity for line in found] == [Decimal(10), Decimal(10)]


def test_what_a_rule_cannot_price_is_named() -> None:
    with pytest.raises(CostError, match=r"::table: its rule .*billingMode"):
        listed(resource("aws:dynamodb/table:Table", "table", billingMode="PROVISIONED"))
    with pytest.raises(CostError, match=r"no price 'ec2.u7i.large'; add it to a file of ops/costs/prices"):
        listed(resource("aws:ec2/instance:Instance", instanceType="u7i.large"))
