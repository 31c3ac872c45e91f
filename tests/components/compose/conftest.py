"""A stack of the compose variant, against mocks."""

import base64
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from components.orchestration.compose import ComposeArgs, ComposeOrchestration
from components.orchestration.compose.files import ComposeImages
from components.settings import Settings
from tests.components.conftest import ADMIN, DATA
from tests.components.watching import watched

SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"

REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/airflow"

COMPUTED = {
    "aws:ec2/instance:Instance": {"publicIp": "203.0.113.7", "privateIp": "10.0.1.7"},
    "aws:ec2/eip:Eip": {"publicIp": "203.0.113.99"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId": "v1"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": SECRET_ARN},
    "random:index/randomPassword:RandomPassword": {"result": "generated"},
}


@pytest.fixture
def compose(deploy: Callable[..., Any]) -> Callable[..., Any]:
    """Deploys the variant of a tier with some keys of the config; `.result` is what it offers."""

    def run(tier: str = "learning", **config: str) -> Any:
        settings = Settings.from_config({"tier": tier, **config})

        def program() -> Any:
            made = ComposeOrchestration(
                "orchestration",
                ComposeArgs(
                    settings=settings.compose,
                    vpc_id="vpc-1",
                    public_subnet_ids=["subnet-1", "subnet-2"],
                    images=ComposeImages(
                        airflow="123456789012.dkr.ecr.us-east-1.amazonaws.com/airflow:1",
                        mlflow="ghcr.io/mlflow:1",
                        status="ghcr.io/status:1",
                        admin="ghcr.io/admin:1",
                    ),
                    repository_arns=[REPOSITORY],
                    data=DATA,
                    admin=ADMIN,
                ),
            )
            watched(made)
            return {
                "airflow": made.airflow_url,
                "quick_start": made.quick_start_commands,
                "mlflow": made.mlflow_url,
                "admin": made.admin_url,
                "role": made.task_role_arn,
                "pausables": [one.name for one in made.pausables],
                **made.variant_outputs,
            }

        return deploy(program, computed=COMPUTED)

    return run


def instance(deployed: Any, thing: str = "orchestration") -> Any:
    return deployed.one("aws:ec2/instance:Instance", f"orchestration-{thing}").inputs


def files(deployed: Any, thing: str = "orchestration") -> dict[str, str]:
    packed = deployed.one("BucketObjectv2", f"orchestration-{thing}-files").inputs["contentBase64"]
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as tar:
        return {name: tar.extractfile(name).read().decode() for name in tar.getnames()}  # type: ignore[union-attr]


def secret(value: Any) -> Any:
    """What a mock is handed for a secret, opened."""
    opened = value["value"] if isinstance(value, dict) else value
    return json.loads(opened) if opened.startswith("{") else opened


def statements(deployed: Any, thing: str = "orchestration") -> dict[str, dict[str, Any]]:
    grant = deployed.one("RolePolicy", f"orchestration-{thing}")
    return {one["Sid"]: one for one in grant.inputs["policy"]["Statement"]}


def ingress(deployed: Any) -> set[tuple[str, int, str]]:
    return {
        (
            rule.inputs["securityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
            rule.inputs["fromPort"],
            rule.inputs.get("cidrIpv4")
            or rule.inputs["referencedSecurityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
        )
        for rule in deployed.all("SecurityGroupIngressRule")
    }
