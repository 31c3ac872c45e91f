"""Container definitions of the Fargate tasks as plain data; values may be Outputs, secrets are references.

A service's task begins with a container that prepares the database and must succeed before the service's
own container starts. Airflow's API server migrates, and the other services wait until that is done; a
migration that fails stops its task, which trips the deployment circuit breaker, and ECS rolls back to the
tasks that run. This needs neither a second tool nor a person, also when a task starts after a stopped night.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Container = dict[str, Any]

AIRFLOW_HOME = "/opt/airflow"
_CREATE_DATABASE = Path(__file__).with_name("create_database.py").read_text()
_PREPARE_SECONDS = (
    900  # how long ECS lets a container wait for one that must succeed first; its default is 180
)

# Airflow's own answer to "is this process at work": each component keeps its heartbeat in the database.
_JOBS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}

_MIGRATE = f"""set -euo pipefail
python -c "$CREATE_DATABASE"
airflow db migrate
airflow users create --role Admin --username admin --password "$ADMIN_PASSWORD" \\
  --firstname Platform --lastname Admin --email admin@example.com
airflow users reset-password --username admin --password "$ADMIN_PASSWORD"
mkdir -p {AIRFLOW_HOME}/logs
"""

_MLFLOW = """set -euo pipefail
printf '[mlflow]\\n%s\\n%s\\n' "default_permission = READ" "admin_username = admin" > /tmp/auth.ini
printf 'database_uri = %s\\nauthorization_function = %s\\n' \\
  "$DATABASE_URL" mlflow.server.auth:authenticate_request_basic_auth >> /tmp/auth.ini
exec mlflow server --app-name basic-auth --host 0.0.0.0 --port 5000 --workers 2 \\
  --backend-store-uri "$DATABASE_URL" --serve-artifacts --artifacts-destination "$ARTIFACTS" \\
  --allowed-hosts "$ALLOWED_HOSTS" --cors-allowed-origins "$ALLOWED_ORIGINS" \\
  ${STATIC_PREFIX:+--static-prefix "$STATIC_PREFIX"}
"""


def container(
    name: str,
    image: Any,
    command: Sequence[str],
    *,
    logs: Mapping[str, Any],
    environment: Mapping[str, Any],
    secrets: Mapping[str, Any],
    mounts: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Container:
    """A container that is not replaced on its own; `mounts` are volume names to paths."""
    return {
        "name": name,
        "image": image,
        "command": list(command),
        "essential": True,
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "secrets": [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)],
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}] if port else [],
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in (mounts or {}).items()
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


def after(preparation: Container, service: Container) -> list[Container]:
    """The two containers of a task whose `service` starts once `preparation` has succeeded."""
    return [
        {**preparation, "essential": False, "startTimeout": _PREPARE_SECONDS},
        {**service, "dependsOn": [{"containerName": preparation["name"], "condition": "SUCCESS"}]},
    ]


def airflow_health(component: str) -> Container:
    """The health check of a component that listens on no port; the command itself takes seconds to start."""
    command = f"airflow jobs check --job-type {_JOBS[component]} --local"
    check = {
        "command": ["CMD-SHELL", command],
        "interval": 120,
        "timeout": 60,
        "retries": 3,
        "startPeriod": 300,
    }
    return {"healthCheck": check}


def airflow_migration() -> list[str]:
    """Makes role and database, migrates, and sets the administrator's password; safe to repeat."""
    return ["bash", "-c", _MIGRATE]


def airflow_wait() -> list[str]:
    """Waits until the database is as new as the image."""
    return ["airflow", "db", "check-migrations", "--migration-wait-timeout", "600"]


def mlflow_server() -> list[str]:
    """MLflow with authentication for browser and client alike; clients send artifacts through it."""
    return ["bash", "-c", _MLFLOW]


def create_database() -> list[str]:
    """Makes the role and the database that OWN_NAME names."""
    return ["python", "-c", _CREATE_DATABASE]


def create_database_variable() -> dict[str, str]:
    """The same script for a shell that has more to do."""
    return {"CREATE_DATABASE": _CREATE_DATABASE}


def airflow_environment(
    *, base_url: Any, api_url: Any, tracking_url: Any, executor: str, parallelism: int
) -> dict[str, Any]:
    """What every Airflow container is told; `api_url` is where workers report to, inside of the VPC."""
    return {
        "AIRFLOW__API__BASE_URL": base_url,
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__AUTH_MANAGER": ("airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": api_url,
        "AIRFLOW__CORE__EXECUTOR": executor,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": str(parallelism),
        "AIRFLOW__FAB__ENABLE_PROXY_FIX": "True",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": f"{AIRFLOW_HOME}/logs",
        "FORWARDED_ALLOW_IPS": "*",  # only the load balancer can reach the port
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": tracking_url,
        "MLFLOW_TRACKING_USERNAME": "admin",
    }


def ecs_executor_environment(
    *, cluster: Any, region: Any, task_definition: Any, subnets: Any, security_group: Any, strategy: Any
) -> dict[str, Any]:
    """What the Amazon provider's executor needs to start an ECS task for each Airflow task."""
    prefix = "AIRFLOW__AWS_ECS_EXECUTOR__"
    return {
        f"{prefix}ASSIGN_PUBLIC_IP": "False",
        f"{prefix}CAPACITY_PROVIDER_STRATEGY": strategy,
        f"{prefix}CLUSTER": cluster,
        f"{prefix}CONTAINER_NAME": "worker",
        f"{prefix}REGION_NAME": region,
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
