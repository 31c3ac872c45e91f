"""The task definitions: one container each, which can write to a scratch volume alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.automl.settings import AutomlSettings
from components.common.names import physical_name

USER = "50000:0"  # that of the image
SCRATCH = "/tmp"  # noqa: S108 - a volume of the task's own
_ARCHITECTURES = {"arm64": "ARM64", "x86_64": "X86_64"}


@dataclass(frozen=True, kw_only=True)
class Container:
    """What a task runs; `secrets` are references by the variable that they become."""

    task: str
    image: pulumi.Input[str]
    log_group: pulumi.Input[str]
    region: pulumi.Input[str]
    environment: Mapping[str, Any]
    secrets: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """ECS's definition. The command comes with each run: without one, the task says what it takes."""
        return {
            "name": self.task,
            "image": self.image,
            "essential": True,
            "user": USER,
            "readonlyRootFilesystem": True,
            "command": [self.task, "--help"],
            "environment": [
                {"name": key, "value": self.environment[key]} for key in sorted(self.environment)
            ],
            "secrets": [{"name": key, "valueFrom": self.secrets[key]} for key in sorted(self.secrets)],
            "portMappings": [],
            "mountPoints": [{"sourceVolume": "scratch", "containerPath": SCRATCH, "readOnly": False}],
            "volumesFrom": [],
            "systemControls": [],
            "linuxParameters": {"initProcessEnabled": True},
            "stopTimeout": 120,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group,
                    "awslogs-region": self.region,
                    "awslogs-stream-prefix": self.task,
                },
            },
        }


def task_definition(
    name: str,
    settings: AutomlSettings,
    container: Container,
    *,
    execution_role_arn: pulumi.Input[str],
    task_role_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.ecs.TaskDefinition:
    """A task of the size that the settings give it."""
    cpu, memory_mib = settings.size(container.task)
    return aws.ecs.TaskDefinition(
        f"{name}-{container.task}",
        family=physical_name(f"automl-{container.task}"),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(cpu),
        memory=str(memory_mib),
        ephemeral_storage={"size_in_gib": settings.automl_ephemeral_storage_gib},
        runtime_platform={
            "operating_system_family": "LINUX",
            "cpu_architecture": _ARCHITECTURES[settings.automl_architecture],
        },
        execution_role_arn=execution_role_arn,
        task_role_arn=task_role_arn,
        container_definitions=pulumi.Output.json_dumps([container.document()]),
        volumes=[{"name": "scratch"}],
        # An execution that has begun goes on with the revision that it knows.
        skip_destroy=True,
        opts=pulumi.ResourceOptions(parent=parent),
    )
