"""The prediction service: who reaches it, what it may do, how it is replaced and how it scales."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.common.data_access import NamedArn
from components.common.entry import Entry
from components.serving import ServingArgs, serving
from components.serving.settings import ServingSettings
from components.settings import Settings, SettingsError

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
BUCKET = "arn:aws:s3:::data"
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/platform"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/predictions:v7"
COMPUTED = {"aws:lb/targetGroup:TargetGroup": {"arnSuffix": "targetgroup/predictions/1"}}
SIGN_IN = {
    "type": "authenticate-oidc",
    "authenticate_oidc": {
        "issuer": "https://id.example",
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "user_info_endpoint": "https://id.example/user",
        "client_id": "client",
        "client_secret": "secret",
        "on_unauthenticated_request": "authenticate",
    },
}


@pytest.fixture
def service(deploy: Callable[..., Any]) -> Callable[..., Any]:
    def run(*, sign_in: bool = False, **settings: Any) -> Any:
        def program() -> Any:
            known = pulumi.Output.from_input
            entry = Entry(
                vpc_id="vpc-1",
                subnet_ids=["private"],
                internet_routes=[],
                cluster_name=known("platform"),
                cluster_arn=known(CLUSTER),
                capacity=pulumi.ComponentResource("test:index:Capacity", "capacity"),
                listener_arn=known(
                    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/alb/1/2"
                ),
                load_balancer=known("app/alb/1"),
                security_group_id=known("sg-balancer"),
                origin=known("https://airflow.x.org"),
                sign_in=[SIGN_IN] if sign_in else [],
            )
            args = ServingArgs(
                settings=ServingSettings(**{"serving": True, **settings}),
                entry=entry,
                data_bucket=NamedArn(name="data", arn=BUCKET),
                topic_arn=TOPIC,
            )
            outputs, _ = serving("serving", args)
            return pulumi.Output.all(**outputs)

        return deploy(program, computed=COMPUTED)

    return run


def statements(deployed: Any, role: str) -> dict[str, Any]:
    policy = deployed.one("RolePolicy", f"serving-{role}").inputs["policy"]
    return {one["Sid"]: one for one in policy["Statement"]}


def container(deployed: Any) -> Any:
    (found,) = json.loads(deployed.one("TaskDefinition").inputs["containerDefinitions"])
    return found


def test_off_makes_nothing(service: Callable[..., Any]) -> None:
    deployed = service(serving=False)
    assert deployed.names() == ["Capacity capacity"]
    assert not deployed.result


def test_address(service: Callable[..., Any]) -> None:
    assert service().result == {"predict_url": "https://airflow.x.org/predict"}


def test_deployments_are_blue_green(service: Callable[..., Any]) -> None:
    """Between two target groups, watched by every alarm for the bake time."""
    deployed = service(serving_bake_minutes=12)
    inputs = deployed.one("Service").inputs
    assert inputs["deploymentConfiguration"] == {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "12"}
    assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    names = {one.inputs["name"] for one in deployed.all("MetricAlarm")}
    assert names == {
        f"mlops-taxi-prediction-serving-{what}-dev" for what in ("errors", "latency", "unhealthy")
    }
    assert set(inputs["alarms"].pop("alarmNames")) == names
    assert inputs["alarms"] == {"enable": True, "rollback": True}
    (balanced,) = inputs["loadBalancers"]
    groups = {
        one.name: f"arn:aws:lb:us-east-1:123456789012:{one.name}" for one in deployed.all("TargetGroup")
    }
    assert groups.keys() == {"serving-blue", "serving-green"}
    assert balanced["targetGroupArn"] == groups["serving-blue"]
    advanced = balanced["advancedConfiguration"]
    assert advanced["alternateTargetGroupArn"] == groups["serving-green"]
    assert advanced["productionListenerRule"] == "arn:aws:lb:us-east-1:123456789012:serving"
    weights = deployed.one("ListenerRule").inputs["actions"][0]["forward"]["targetGroups"]
    assert {one["arn"]: one["weight"] for one in weights} == {
        groups["serving-blue"]: 100,
        groups["serving-green"]: 0,
    }


def test_ecs_moves_requests_of_this_service_alone(service: Callable[..., Any]) -> None:
    deployed = service()
    allowed = statements(deployed, "infrastructure")
    assert [arn.rpartition(":")[2] for arn in allowed["RegisterTasks"]["Resource"]] == [
        "serving-blue",
        "serving-green",
    ]
    assert [arn.rpartition(":")[2] for arn in allowed["MoveRequests"]["Resource"]] == ["serving"]
    trust = deployed.one("Role", "serving-infrastructure").inputs["assumeRolePolicy"]
    assert trust["Statement"][0]["Principal"] == {"Service": ["ecs.amazonaws.com"]}


def test_a_task_reads_one_model(service: Callable[..., Any]) -> None:
    """Its pointer and its versions, and writes nothing at all."""
    deployed = service(model_name="rides", model_alias="live")
    allowed = statements(deployed, "task")
    assert allowed.keys() == {"ReadModel", "ListDataBucket"}
    assert allowed["ReadModel"]["Action"] == ["s3:GetObject"]
    assert allowed["ReadModel"]["Resource"] == [
        f"{BUCKET}/models/rides/live.json",
        f"{BUCKET}/models/rides/versions/*",
    ]
    found = container(deployed)
    assert (found["readonlyRootFilesystem"], found["user"], found["mountPoints"]) == (True, "50000:0", [])
    environment = {one["name"]: one["value"] for one in found["environment"]}
    assert (environment["MODEL_NAME"], environment["MODEL_ALIAS"]) == ("rides", "live")


def test_who_reaches_a_task(service: Callable[..., Any]) -> None:
    deployed = service()
    rules = {
        one.inputs["securityGroupId"]: (one.inputs["fromPort"], one.inputs["referencedSecurityGroupId"])
        for one in deployed.all("SecurityGroupIngressRule")
    }
    assert rules == {"serving-serving-id": (8000, "sg-balancer")}


def test_signing_in_is_asked_for(service: Callable[..., Any]) -> None:
    """With a refusal, because a program cannot follow to a page."""
    first, second = service(sign_in=True).one("ListenerRule").inputs["actions"]
    assert first["authenticateOidc"]["onUnauthenticatedRequest"] == "deny"
    assert second["type"] == "forward"


def test_scaling(service: Callable[..., Any]) -> None:
    """Requests are those of both target groups, because a deployment changes which of them has any."""
    deployed = service(serving_count=2, serving_max_count=6, serving_requests_per_minute=900)
    target = deployed.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 6)
    assert target["resourceId"] == "service/platform/mlops-taxi-prediction-serving-dev"
    assert deployed.one("Service").inputs["desiredCount"] == 2
    policies = {
        one.name: one.inputs["targetTrackingScalingPolicyConfiguration"]
        for one in deployed.all("aws:appautoscaling/policy:Policy")
    }
    cpu, requests = policies["serving-cpu"], policies["serving-requests"]
    assert (cpu["targetValue"], requests["targetValue"]) == (60, 900)
    metrics = requests["customizedMetricSpecification"]["metrics"]
    assert [one["metricStat"]["metric"]["metricName"] for one in metrics[:2]] == ["RequestCountPerTarget"] * 2
    assert metrics[2]["expression"] == "SUM([blue, green])"


def test_alarms_tell_somebody(service: Callable[..., Any]) -> None:
    deployed = service(serving_latency_ms=80)
    for one in deployed.all("MetricAlarm"):
        assert one.inputs["alarmActions"] == one.inputs["okActions"] == [TOPIC]
        assert one.inputs["alarmDescription"].endswith("docs/runbooks.md#predictions-fail")
    assert deployed.one("MetricAlarm", "serving-latency").inputs["threshold"] == 0.08


def test_an_image_from_a_registry(service: Callable[..., Any]) -> None:
    """Nothing is built; ECS may pull from that repository alone."""
    deployed = service(serving_image_uri=IMAGE)
    assert deployed.all("Repository") == []
    assert container(deployed)["image"] == IMAGE
    pulled = statements(deployed, "execution")["PullImage"]["Resource"]
    assert pulled == ["arn:aws:ecr:us-east-1:123456789012:repository/predictions"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"tier": "learning", "serving": "true"}, "serving: got true with orchestrationVariant 'compose'"),
        ({"tier": "standard", "servingCount": "11"}, "servingCount: got 11, allowed: up to servingMaxCount"),
        ({"tier": "standard", "servingCpu": "300"}, "servingCpu, servingMemoryMib: got 300 CPU units"),
    ],
    ids=["compose", "count", "size"],
)
def test_what_is_refused(config: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_config(config)
