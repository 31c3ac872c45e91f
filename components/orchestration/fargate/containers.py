"""Container definitions of the Fargate tasks as plain data; values may be Outputs, secrets are references.

A service's task begins with containers that prepare the database, each of which must succeed before the next
one starts. Airflow's API server migrates, and the other services wait until that is done; a migration that
fails stops its task, which trips the deployment circuit breaker, and ECS rolls back to the tasks that run.
This needs neither a second tool nor a person, also when a task starts after a stopped night.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.orchestration.containers import SCRIPTS, ContainerSpec

Container = dict[str, Any]

AIRFLOW_HOME = "/opt/airflow"
USER = "50000:0"  # that of the images, and the owner of what is on EFS
# What a container may write to, beside EFS, where its root file system is read-only.
SCRATCH = {"scratch": "/tmp"}  # noqa: S108 - a volume of the task's own


def container(
    name: str,
    image: Any,
    command: Sequence[str],
    *,
    logs: Mapping[str, Any],
    environment: Mapping[str, Any],
    secrets: Mapping[str, Any],
    read_only: bool,
    mounts: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Container:
    """A container that is not replaced on its own; `mounts` are volume names to paths.

    `read_only` is its root file system, which ECS Exec's agent would have to write to.
    """
    return {
        "name": name,
        "image": image,
        "command": list(command),
        "essential": True,
        "user": USER,
        "readonlyRootFilesystem": read_only,
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "secrets": [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)],
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}] if port else [],
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in {**SCRATCH, **(mounts or {})}.items()
        ],
        "volumesFrom": [],
        "systemControls": [],
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": 120,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {**logs, "awslogs-stream-prefix": name},
        },
    }


def in_order(*containers: Container) -> list[Container]:
    """The containers of a task of which each starts once the one before it has succeeded.

    Each preparation bounds itself; ECS's `startTimeout` takes no more than 120 seconds on Fargate.
    """
    *preparations, service = containers
    ordered = [{**preparation, "essential": False} for preparation in preparations] + [service]
    for before, following in zip(preparations, ordered[1:], strict=True):
        following["dependsOn"] = [{"containerName": before["name"], "condition": "SUCCESS"}]
    return ordered


def airflow_health(spec: ContainerSpec) -> Container:
    """The health check of a component that listens on no port.

    Its database may be gone for five minutes, as in a failover, before a task that works is replaced.
    """
    check = {
        "command": ["CMD", "python", "-c", (SCRIPTS / "heartbeat.py").read_text(), spec.job_type],
        "interval": 60,
        "timeout": 30,
        "retries": 6,
        "startPeriod": 300,
    }
    return {"healthCheck": check}


def airflow_wait() -> list[str]:
    """Waits until the database lets Airflow in, and then until it is as new as the image."""
    reached = "airflow db check --retry 120 --retry-delay 5"
    return ["bash", "-c", f"{reached} && exec airflow db check-migrations --migration-wait-timeout 600"]


def airflow_environment(
    *,
    base_url: Any,
    api_url: Any,
    tracking_url: Any,
    task_logs: Any,
    executor: str,
    parallelism: int,
) -> dict[str, Any]:
    """What Airflow's containers are told on Fargate.

    `api_url` is where workers report to, inside the VPC, `task_logs` the S3 URL that keeps their logs.
    """
    return {
        # Airflow writes its config there, which here is all in the environment.
        "AIRFLOW_HOME": f"{SCRATCH['scratch']}/airflow",
        "AIRFLOW__API__BASE_URL": base_url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": api_url,
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # by which heartbeat.py finds the job
        "AIRFLOW__CORE__PARALLELISM": str(parallelism),
        "AIRFLOW__FAB__ENABLE_PROXY_FIX": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": task_logs,
        "FORWARDED_ALLOW_IPS": "*",  # only the load balancer can reach the port
        "MLFLOW_TRACKING_URI": tracking_url,
    }


def ecs_executor_environment(
    *,
    cluster: Any,
    region: Any,
    task_definition: Any,
    subnets: Any,
    security_group: Any,
    strategy: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What the Amazon provider's executor needs to start an ECS task for each Airflow task.

    The strategy goes into RUN_TASK_KWARGS, which the executor reads as JSON and hands to boto3; it leaves
    its own CAPACITY_PROVIDER_STRATEGY a string, which boto3 refuses.
    """
    prefix = "AIRFLOW__AWS_ECS_EXECUTOR__"
    return {
        f"{prefix}ASSIGN_PUBLIC_IP": "False",
        f"{prefix}CLUSTER": cluster,
        f"{prefix}CONTAINER_NAME": "worker",
        f"{prefix}REGION_NAME": region,
        f"{prefix}RUN_TASK_KWARGS": json.dumps({"capacityProviderStrategy": list(strategy)}),
        f"{prefix}SECURITY_GROUPS": security_group,
        f"{prefix}SUBNETS": subnets,
        f"{prefix}TASK_DEFINITION": task_definition,
    }


def capacity_strategy(*, on_demand: int, spot: int, base: int = 0) -> list[dict[str, Any]]:
    """ECS's strategy items; a provider that would never get a task is left out."""
    items = [("FARGATE", on_demand, base), ("FARGATE_SPOT", spot, 0)]
    return [
        {"capacityProvider": provider, "weight": weight, "base": first}
        for provider, weight, first in items
        if weight or first
    ]
