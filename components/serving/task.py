"""What a task of the service runs."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name
from components.serving.routing import PORT
from components.serving.settings import ServingSettings

CONTAINER = "serving"
_USER = "50000:0"  # that of the image
_ARCHITECTURES = {"arm64": "ARM64", "x86_64": "X86_64"}
_ALIVE = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/health', timeout=4)"


def task_definition(
    name: str,
    settings: ServingSettings,
    image: pulumi.Input[str],
    environment: Mapping[str, Any],
    *,
    logs: Mapping[str, Any],
    execution_role_arn: pulumi.Input[str],
    task_role_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.ecs.TaskDefinition:
    """One container, which writes nothing; it ends by itself within the seconds that ECS waits."""
    container = _container(image, environment, logs)
    return aws.ecs.TaskDefinition(
        name,
        family=physical_name("serving"),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(settings.serving_cpu),
        memory=str(settings.serving_memory_mib),
        runtime_platform={
            "operating_system_family": "LINUX",
            "cpu_architecture": _ARCHITECTURES[settings.serving_architecture],
        },
        execution_role_arn=execution_role_arn,
        task_role_arn=task_role_arn,
        container_definitions=pulumi.Output.json_dumps([container]),
        skip_destroy=True,  # ECS rolls back to the revision before
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _container(
    image: pulumi.Input[str], environment: Mapping[str, Any], logs: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        "user": _USER,
        "readonlyRootFilesystem": True,
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "portMappings": [{"containerPort": PORT, "hostPort": PORT, "protocol": "tcp"}],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        "healthCheck": {
            "command": ["CMD", "python", "-c", _ALIVE],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 30,
        },
        "stopTimeout": 60,
        "logConfiguration": {"logDriver": "awslogs", "options": {**logs, "awslogs-stream-prefix": CONTAINER}},
    }
