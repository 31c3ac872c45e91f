"""A stack of the Fargate variant, against mocks."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from components.orchestration.fargate import FargateArgs, FargateOrchestration
from components.settings import Settings
from tests.components.conftest import ADMIN, DATA
from tests.components.watching import watched

SERVICES = ("api-server", "scheduler", "dag-processor", "triggerer", "mlflow", "admin")

FAMILY_ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/mlops-taxi-prediction-worker-dev"

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/c"

OIDC = {
    "oidcIssuer": "https://id.x.org",
    "oidcAuthorizationEndpoint": "https://id.x.org/authorize",
    "oidcTokenEndpoint": "https://id.x.org/token",
    "oidcUserInfoEndpoint": "https://id.x.org/userinfo",
    "oidcClientId": "client",
    "oidcClientSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:oidc",
}


@pytest.fixture
def fargate(deploy: Callable[..., Any]) -> Callable[..., Any]:
    """Deploys the variant of a tier with some keys of the config; `.result` is what it offers."""

    def run(tier: str = "standard", *, scheduled: bool = False, **config: str) -> Any:
        settings = Settings.from_config({"tier": tier, **config})

        def program() -> Any:
            made = FargateOrchestration(
                "orchestration",
                FargateArgs(
                    settings=settings.fargate,
                    vpc_id="vpc-1",
                    public_subnet_ids=["subnet-1", "subnet-2"],
                    private_subnet_ids=["subnet-3", "subnet-4"],
                    airflow_image="ecr/airflow:1",
                    mlflow_image="ecr/mlflow:1",
                    data=DATA,
                    admin=ADMIN,
                    admin_image="ecr/admin:1",
                    access_logs_bucket_name="access-logs",
                    image_architecture="arm64",
                    scheduled=scheduled,
                ),
            )
            watched(made)
            return {
                "airflow": made.airflow_url,
                "mlflow": made.mlflow_url,
                "admin": made.admin_url,
                "status": made.status_url,
                "outputs": made.variant_outputs,
            }

        mocked = {
            "aws:rds/instance:Instance": {
                "address": "db.example",
                "masterUserSecrets": [
                    {"secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:m"}
                ],
            },
            "aws:ecs/taskDefinition:TaskDefinition": {"arnWithoutRevision": FAMILY_ARN},
            "aws:lb/loadBalancer:LoadBalancer": {"dnsName": "alb.example", "zoneId": "Z1"},
            "aws:route53/record:Record": {"fqdn": "proof.x.org"},
            "aws:acm/certificate:Certificate": {
                "domainValidationOptions": [proof("mlflow"), proof("admin"), proof("airflow")]
            },
            "aws:secretsmanager/secretVersion:SecretVersion": {
                "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
            },
            "random:index/randomPassword:RandomPassword": {"result": "generated"},
            "random:index/randomId:RandomId": {"hex": "0a1b"},
        }
        return deploy(program, computed=mocked)

    return run


def containers(deployed: Any, name: str) -> dict[str, Mapping[str, Any]]:
    task = deployed.one("TaskDefinition", f"orchestration-{name}")
    definitions = task.inputs["containerDefinitions"]
    definitions = json.loads(definitions) if isinstance(definitions, str) else definitions
    return {one["name"]: one for one in definitions}


def proof(service: str) -> dict[str, str]:
    """What ACM asks for to prove a name."""
    return {
        "domainName": f"{service}.x.org",
        "resourceRecordName": f"_{service[0]}.{service}.x.org",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"{service[0]}.acm",
    }


def rules(deployed: Any, kind: str) -> set[tuple[str, int, str]]:
    return {
        (
            rule.inputs["securityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
            rule.inputs["fromPort"],
            rule.inputs.get("cidrIpv4")
            or rule.inputs["referencedSecurityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
        )
        for rule in deployed.all(kind)
    }
