"""Every combination of tier, NAT, size, hours and HTTPS holds what no combination may break."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
import pulumi.runtime.mocks
import pytest

from components.network import Network, NetworkArgs
from components.orchestration.fargate import FargateArgs, FargateOrchestration
from components.schedule import Schedule, ScheduleArgs
from components.settings import Settings
from components.storage import Storage, StorageArgs
from components.streaming import Streaming, StreamingArgs

SECRET = "a-generated-value"  # what the random resources answer
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
COMPUTED: dict[str, dict[str, Any]] = {
    "aws:rds/instance:Instance": {"address": "db", "masterUserSecrets": [{"secretArn": f"{ARN}master"}]},
    "aws:lb/loadBalancer:LoadBalancer": {"dnsName": "alb.example", "zoneId": "Z1"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": f"{ARN}one"},
    "random:index/randomBytes:RandomBytes": {"base64": SECRET},
    "random:index/randomPassword:RandomPassword": {"result": SECRET},
    "random:index/randomId:RandomId": {"hex": "0a1b"},
}
HTTPS = {"certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c", "domainName": "x.org"}
TIERS = ("micro", "learning", "standard", "production")
NATS = ("none", "instance", "gateway", "gateway-per-az")
COMBINATIONS = list(itertools.product(TIERS, NATS, ("always-on", "office-hours"), (False, True)))


def program(config: Mapping[str, str]) -> None:
    """The platform on Fargate."""
    settings = Settings.from_config(config)
    network = Network("network", NetworkArgs(**vars(settings.network)))
    storage = Storage("storage", StorageArgs(**vars(settings.storage)))
    data, reports, artifacts = storage.data_bucket, storage.reports_bucket, storage.artifacts_bucket
    streaming = Streaming(
        "streaming",
        StreamingArgs(**vars(settings.streaming), data_bucket_name=data.bucket, data_bucket_arn=data.arn),
    )
    orchestration = FargateOrchestration(
        "orchestration",
        FargateArgs(
            **vars(settings.fargate),
            vpc_id=network.vpc_id,
            public_subnet_ids=network.public_subnet_ids,
            private_subnet_ids=network.private_subnet_ids,
            airflow_image="airflow:1",
            mlflow_image="mlflow:1",
            artifacts_bucket_name=artifacts.bucket,
            artifacts_bucket_arn=artifacts.arn,
            data_bucket_name=data.bucket,
            data_bucket_arn=data.arn,
            reports_bucket_name=reports.bucket,
            reports_bucket_arn=reports.arn,
            access_logs_bucket_name=storage.access_logs_bucket.bucket,
            stream_name=streaming.stream.name,
            stream_arn=streaming.stream.arn,
            scheduled=settings.schedule.schedule == "office-hours",
        ),
    )
    Schedule("schedule", ScheduleArgs(**vars(settings.schedule), pausables=orchestration.pausables))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every registration as the engine would see it, parents and names included."""
    seen: list[Any] = []
    register = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def recorded(monitor: Any, request: Any) -> Any:
        seen.append(request)
        return register(monitor, request)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", recorded)
    return seen


@pytest.mark.parametrize(("tier", "nat", "schedule", "https"), COMBINATIONS)
def test_a_combination_is_sound(
    deploy: Callable[..., Any], requests: list[Any], tier: str, nat: str, schedule: str, https: bool
) -> None:
    nodes = str(1 + (https == (schedule == "always-on")))
    config = {"tier": tier, "nat": nat, "schedule": schedule, "apiServerCount": nodes, "mlflowCount": nodes}
    deployed = deploy(lambda: program(config | (HTTPS if https else {})), computed=COMPUTED)
    assert len(requests) > 100
    assert not [
        name for name, count in Counter((one.type, one.name) for one in requests).items() if count > 1
    ]
    assert not list(unparented(requests))
    assert set(open_ports(deployed)) <= {
        ("orchestration-balancer-id", 80),
        ("orchestration-balancer-id", 443),
    }
    assert not list(plain_secrets(deployed))
    listeners = {one.inputs["port"] for one in deployed.all("aws:lb/listener:Listener")}
    assert listeners == ({80, 443} if https else {80})
    assert bool(deployed.all("aws:scheduler/schedule:Schedule")) == (schedule == "office-hours")


def unparented(requests: list[Any]) -> Iterator[str]:
    """Resources that hang from the stack and are not the program's own components."""
    for one in requests:
        if one.custom and "mlops:index:" not in one.parent:
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
