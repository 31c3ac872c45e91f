"""The compose files and what their containers must keep to themselves, rendered from plain values.

The templates are `workloads/images/compose/*.yaml.j2`. In what comes out only the instance's own addresses,
PUBLIC_HOST and PRIVATE_HOST, are left to Docker Compose to fill in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.common.templates import render
from components.orchestration.compose.memory import Executor, frontend_limits, memory_limits
from components.orchestration.containers import AIRFLOW_PORT, CONTAINERS, MLFLOW_PORT

MOUNTED_SCRIPTS = "/platform/bin"
POSTGRES_IMAGE = "public.ecr.aws/docker/library/postgres:16.10-bookworm@sha256:38471f330eb885e04de130b768d6db4e10469e2311879c7e5c699f6d2d8a1c74"  # noqa: E501  # written by `make image-digests`
REDIS_IMAGE = "public.ecr.aws/docker/library/redis:7.4.6-bookworm@sha256:a9cc41d6d01da2aa26c219e4f99ecbeead955a7b656c1c499cce8922311b2514"  # noqa: E501  # written by `make image-digests`
_MIB_PER_TASK = 1024  # of the container that runs tasks: a training takes half, what starts it a third


@dataclass(frozen=True, kw_only=True)
class AdminGui:
    """The port of the admin GUI, and the variables by which it finds the platform, but for its secrets."""

    image: str
    port: int
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ComposeFileArgs:
    """What the orchestration instance runs, on how much memory, and the platform's data that it works on.

    `admin` is None where the frontend instance has the admin GUI.
    """

    airflow_image: str
    mlflow_image: str
    status_image: str
    executor: Executor
    instance_mib: int
    region: str
    artifacts_bucket: str
    data: Mapping[str, str]  # the variables by which the workloads find the platform's data
    admin: AdminGui | None = None


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """Everything secret: letters and digits, but for `fernet_key`, 32 bytes in URL-safe base 64."""

    postgres: str
    airflow_admin: str
    airflow_database: str
    airflow_fernet_key: str
    airflow_jwt: str
    airflow_session: str
    mlflow_admin: str
    mlflow_database: str
    mlflow_session: str
    admin_gui: str
    admin_gui_viewer: str
    admin_gui_session: str


def orchestration_file(of: ComposeFileArgs) -> str:
    """The compose file of the orchestration instance: YAML, within the instance's memory.

    Raises:
        ValueError: when the instance is too small for the executor.
    """
    memory = memory_limits(of.instance_mib, of.executor, admin=of.admin is not None)
    runs_tasks = "worker" if of.executor == "celery" else "scheduler"
    return render(
        "compose/orchestration.yaml.j2",
        memory=memory,
        tasks_at_once=max(1, memory[runs_tasks] // _MIB_PER_TASK),
        containers=CONTAINERS,
        scripts=MOUNTED_SCRIPTS,
        postgres_image=POSTGRES_IMAGE,
        redis_image=REDIS_IMAGE,
        network_reference=_network_reference(of.region),
        **{**vars(of), **_admin(of.admin, airflow="api-server", mlflow="mlflow", browser="${PUBLIC_HOST:?}")},
    )


@dataclass(frozen=True, kw_only=True)
class FrontendFileArgs:
    """What the frontend instance runs, and where it finds the other one.

    `orchestration_address` is the other's private address, `browser_address` the one that a browser reaches;
    empty where that one changes with every start.
    """

    admin: AdminGui
    status_image: str
    instance_mib: int
    region: str
    orchestration_address: str
    browser_address: str


def frontend_file(of: FrontendFileArgs) -> str:
    """The compose file of the frontend instance: YAML, within the instance's memory.

    Raises:
        ValueError: when the instance is too small.
    """
    there = of.orchestration_address
    return render(
        "compose/frontend.yaml.j2",
        memory=frontend_limits(of.instance_mib),
        containers=CONTAINERS,
        scripts=MOUNTED_SCRIPTS,
        network_reference=_network_reference(of.region),
        **{**vars(of), **_admin(of.admin, airflow=there, mlflow=there, browser=of.browser_address)},
    )


def _admin(admin: AdminGui | None, *, airflow: str, mlflow: str, browser: str) -> dict[str, Any]:
    """The admin GUI's part of a template; addresses of Airflow and MLflow for it, and for a browser."""
    if admin is None:
        return {"admin": None}
    links = {
        "AIRFLOW_PUBLIC_URL": f"http://{browser}:{AIRFLOW_PORT}",
        "MLFLOW_PUBLIC_URL": f"http://{browser}:{MLFLOW_PORT}",
    }
    environment = {
        **CONTAINERS["admin"].environment,
        **admin.environment,
        "AIRFLOW_URL": f"http://{airflow}:{AIRFLOW_PORT}",
        "MLFLOW_TRACKING_URI": f"http://{mlflow}:{MLFLOW_PORT}",
        **(links if browser else {}),
    }
    return {"admin_image": admin.image, "admin": {"port": admin.port, "environment": environment}}


def _network_reference(region: str) -> str:
    """What an instance reaches as long as its network works: S3, from which it has its files too."""
    return f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}:443"


def secret_environments(secret: Passwords) -> dict[str, dict[str, str]]:
    """The variables of each file `/run/platform/<name>.env` that the orchestration's compose file reads."""
    airflow_database = f"airflow:{secret.airflow_database}@postgres:5432/airflow"
    return {
        "postgres": {"POSTGRES_PASSWORD": secret.postgres},
        "databases": {
            "AIRFLOW_DATABASE_PASSWORD": secret.airflow_database,
            "MLFLOW_DATABASE_PASSWORD": secret.mlflow_database,
            "PGPASSWORD": secret.postgres,
        },
        "airflow": {
            "AIRFLOW__API__SECRET_KEY": secret.airflow_session,
            "AIRFLOW__API_AUTH__JWT_SECRET": secret.airflow_jwt,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{airflow_database}",
            "AIRFLOW__CORE__FERNET_KEY": secret.airflow_fernet_key,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{airflow_database}",
            "MLFLOW_TRACKING_PASSWORD": secret.mlflow_admin,
        },
        "airflow-migrate": {"ADMIN_PASSWORD": secret.airflow_admin},
        "mlflow": {
            "MLFLOW_AUTH_ADMIN_PASSWORD": secret.mlflow_admin,
            "MLFLOW_BACKEND_STORE_URI": (
                f"postgresql+psycopg2://mlflow:{secret.mlflow_database}@postgres:5432/mlflow"
            ),
            "MLFLOW_FLASK_SERVER_SECRET_KEY": secret.mlflow_session,
        },
    }


def admin_environment(secret: Passwords) -> dict[str, dict[str, str]]:
    """The variables of `/run/platform/admin.env`, of whichever instance runs the admin GUI."""
    return {
        "admin": {
            "ADMIN_PASSWORD": secret.admin_gui,
            "ADMIN_SESSION_KEY": secret.admin_gui_session,
            "ADMIN_VIEWER_PASSWORD": secret.admin_gui_viewer,
            "AIRFLOW_PASSWORD": secret.airflow_admin,
            "MLFLOW_TRACKING_PASSWORD": secret.mlflow_admin,
        }
    }
