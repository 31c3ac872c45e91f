"""Every combination of tier, NAT, hours, nodes and HTTPS holds what no combination may break."""

import itertools
import json
import runpy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi.runtime.mocks
import pytest

from ops.costs.estimate import estimate
from ops.costs.model import Graph, Resource
from ops.costs.usage import usage
from tests.components.refusals import FARGATE_ENDPOINTS, SSH_KEY

PROGRAM = str(Path(__file__).parents[2] / "__main__.py")
SECRET = "a-generated-value"  # what the random resources answer
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
COMPUTED: dict[str, dict[str, Any]] = {
    "aws:ec2/instance:Instance": {"publicIp": "203.0.113.7", "privateIp": "10.0.1.7"},
    "aws:lb/loadBalancer:LoadBalancer": {"arnSuffix": "app/alb/1", "dnsName": "alb.example", "zoneId": "Z1"},
    "aws:lb/targetGroup:TargetGroup": {"arnSuffix": "targetgroup/one/1"},
    "aws:rds/instance:Instance": {"address": "db", "masterUserSecrets": [{"secretArn": f"{ARN}master"}]},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId": "v1"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": f"{ARN}one"},
    "random:index/randomId:RandomId": {"hex": "0a1b"},
    "random:index/randomPassword:RandomPassword": {"result": SECRET},
}
NATS = ("none", "instance", "gateway", "gateway-per-az")
HOURS = ("always-on", "office-hours")
PUBLIC = {
    "albIngressCidrs": '["0.0.0.0/0"]',
    "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c",
    "domainName": "x.org",
}
OFFICE = "198.51.100.0/24"
ENDPOINTS = json.dumps([*json.loads(FARGATE_ENDPOINTS), "states"])  # the last for automlAfterTraining
SWITCHED_ON = {
    "automl": "true",
    "automlStateMachine": "true",
    "automlAfterTraining": "true",
    "automlTrainEngine": "dask",
    "workstation": "true",
    "workstationSshPublicKey": SSH_KEY,
    "workstationSshCidrs": json.dumps([OFFICE]),
}


def on_compose(nodes: int) -> dict[str, str]:
    """One or two instances; two have all that is optional, AutoML and a workstation among it."""
    optional = {"elasticIp": "true", "sshPublicKey": SSH_KEY, "ingressCidrs": json.dumps([OFFICE])}
    optional |= SWITCHED_ON
    return (
        {"frontendInstance": "true", **optional}
        if nodes == 2
        else {"frontendInstance": "false", "composeExecutor": "local"}
    )


def on_fargate(public: bool) -> dict[str, str]:
    """One task of what people reach; where the load balancer is public two, over HTTPS, and all else."""
    nodes = "2" if public else "1"
    optional = {**PUBLIC, **SWITCHED_ON, "serving": "true"} if public else {}
    return {"apiServerCount": nodes, "mlflowCount": nodes, **optional}


COMPOSE = [
    pytest.param(
        {"tier": tier, "nat": nat, "schedule": hours, **on_compose(nodes)}, id=f"{tier}-{nat}-{hours}-{nodes}"
    )
    for tier, nat, hours, nodes in itertools.product(("micro", "learning"), NATS, HOURS, (1, 2))
]
FARGATE = [
    pytest.param(
        {
            "tier": tier,
            "nat": nat,
            "schedule": hours,
            **on_fargate(public),
            **({"interfaceEndpoints": ENDPOINTS} if nat == "none" else {}),
        },
        id=f"{tier}-{nat}-{hours}-{'public' if public else 'private'}",
    )
    for tier, nat, hours, public in itertools.product(("standard", "production"), NATS, HOURS, (False, True))
]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every registration as the engine would see it, parents and names included."""
    seen: list[Any] = []
    register: Callable[[Any, Any], Any] = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def recorded(monitor: Any, request: Any) -> Any:
        seen.append(request)
        return register(monitor, request)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", recorded)
    return seen


@pytest.fixture
def platform(deploy: Callable[..., Any], requests: list[Any]) -> Callable[[Mapping[str, str]], Any]:
    """Runs the program itself with some keys of the config and checks what holds whatever they are."""

    def run(config: Mapping[str, str]) -> Any:
        keys = {f"mlops-taxi-prediction:{key}": value for key, value in config.items()}
        deployed = deploy(
            lambda: runpy.run_path(PROGRAM) and None,
            config={"aws:region": "us-east-1", **keys},
            computed=COMPUTED,
        )
        names = Counter((one.type, one.name) for one in requests)
        assert not [name for name, count in names.items() if count > 1]
        assert not list(unparented(requests))
        assert not list(plain_secrets(deployed))
        assert estimate(priced(deployed, requests), usage()).usd > 0
        scheduled = bool(deployed.all("aws:scheduler/schedule:Schedule"))
        assert scheduled == (config["schedule"] == "office-hours")
        return deployed

    return run


@pytest.mark.parametrize("config", COMPOSE)
def test_on_instances_a_combination_is_sound(platform: Callable[..., Any], config: Mapping[str, str]) -> None:
    deployed = platform(config)
    nodes = 1 + (config["frontendInstance"] == "true") + ("workstation" in config)
    instances = [one.name for one in deployed.all("aws:ec2/instance:Instance") if "network" not in one.name]
    assert len(instances) == nodes
    assert not list(open_ports(deployed))
    assert len(deployed.all("aws:ec2/eip:Eip")) - nat_addresses(config) == (2 if nodes > 1 else 0)


@pytest.mark.parametrize("config", FARGATE)
def test_on_fargate_a_combination_is_sound(platform: Callable[..., Any], config: Mapping[str, str]) -> None:
    deployed = platform(config)
    balancer = "orchestration-balancer-id"
    public = {(balancer, 80), (balancer, 443)} if "domainName" in config else set()
    assert set(open_ports(deployed)) == public
    listeners = {one.inputs["port"] for one in deployed.all("aws:lb/listener:Listener")}
    assert listeners == ({80, 443} if "certificateArn" in config else {80, 5000})


def priced(deployed: Any, requests: list[Any]) -> Graph:
    """The registrations as a graph that can be priced; every type of every combination needs a price rule."""
    inputs = {(one.type, one.name): one.inputs for one in deployed.resources}
    urn = pulumi.runtime.mocks.MockMonitor.make_urn
    resources = [
        Resource(
            urn=urn(None, one.parent, one.type, one.name),  # type: ignore[arg-type]  # needs no monitor
            type=one.type,
            name=one.name,
            parent=one.parent or None,
            dependencies=frozenset(one.dependencies),
            inputs=inputs.get((one.type, one.name), {}),
        )
        for one in requests
    ]
    return Graph(stack="dev", tier="any", resources=resources)


def nat_addresses(config: Mapping[str, str]) -> int:
    return {"gateway": 1, "gateway-per-az": 2}.get(config["nat"], 0)


def unparented(requests: list[Any]) -> Iterator[str]:
    """Resources that hang from the stack and are not the program's own components or its provider."""
    for one in requests:
        if one.custom and "mlops:index:" not in one.parent and not one.type.startswith("pulumi:providers:"):
            yield f"{one.type} {one.name}"


def open_ports(deployed: Any) -> Iterator[tuple[str, int | None]]:
    """What the whole internet can reach."""
    for rule in deployed.all("SecurityGroupIngressRule"):
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0" or rule.inputs.get("cidrIpv6") == "::/0":
            yield rule.inputs["securityGroupId"], rule.inputs.get("fromPort")


def plain_secrets(deployed: Any) -> Iterator[str]:
    """Resources other than Secrets Manager's that hold a generated value."""
    for one in deployed.resources:
        if "SecretVersion" not in one.type and SECRET in json.dumps(one.inputs, default=str):
            yield one.name
