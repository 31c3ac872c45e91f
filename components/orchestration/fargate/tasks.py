"""What each task runs, wired to this stack's database, addresses, secrets and logs."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.common.admin_access import AdminAccess
from components.orchestration.containers import ADMIN_PORT, AIRFLOW_PORT, CONTAINERS, MLFLOW_PORT
from components.orchestration.fargate import containers
from components.orchestration.fargate.containers import Container
from components.orchestration.fargate.database import Database
from components.orchestration.fargate.load_balancer import LoadBalancer
from components.orchestration.fargate.secrets import SecretArns
from components.orchestration.fargate.settings import FargateSettings

_EXECUTORS = {
    "local": "LocalExecutor",
    "ecs": "airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor",
}
_ECS_TASKS_AT_ONCE = 32  # the most Airflow tasks that may run on tasks of their own
_MOUNTS = {"logs": f"{containers.AIRFLOW_HOME}/logs", "shared": f"{containers.AIRFLOW_HOME}/shared"}


class Tasks:
    """The containers of each task; `environment` is what the workloads are told about the platform's data."""

    def __init__(
        self,
        args: FargateSettings,
        *,
        secrets: SecretArns,
        database: Database,
        load_balancer: LoadBalancer,
        namespace: pulumi.Input[str],
        log_groups: Mapping[str, pulumi.Input[str]],
        region: pulumi.Input[str],
        environment: Mapping[str, Any],
    ) -> None:
        self._args = args
        self._secrets = secrets
        self._database = database
        self._load_balancer = load_balancer
        self._namespace = namespace
        self._log_groups = log_groups
        self._region = region
        self._environment = environment

    def secret_arns(self) -> list[pulumi.Input[str]]:
        """The secrets that ECS reads for these tasks."""
        return [
            self._secrets.airflow,
            self._secrets.mlflow,
            self._secrets.admin,
            self._database.master_secret_arn,
        ]

    def mlflow_address(self) -> pulumi.Output[str]:
        """Where MLflow is found inside of the VPC."""
        return pulumi.Output.format(
            "http://mlflow.{0}:{1}{2}", self._namespace, MLFLOW_PORT, self._load_balancer.path("mlflow")
        )

    def mlflow(self, image: Any) -> list[Container]:
        """Its database made, then the server."""
        spec = CONTAINERS["mlflow"]
        server = containers.container(
            spec.name,
            image,
            spec.inline_command(),
            logs=self._logs("mlflow"),
            read_only=not self._args.ecs_exec,
            environment={
                **spec.environment,
                "ALLOWED_HOSTS": pulumi.Output.format(
                    "{0},{1}.{2}:*", self._load_balancer.host("mlflow"), "mlflow", self._namespace
                ),
                "ALLOWED_ORIGINS": self._load_balancer.origin("mlflow"),
                "ARTIFACTS": pulumi.Output.format("s3://{0}", self._environment["ARTIFACTS_BUCKET"]),
                "STATIC_PREFIX": self._load_balancer.path("mlflow"),
            },
            secrets={
                "MLFLOW_AUTH_ADMIN_PASSWORD": _key(self._secrets.mlflow, "admin_password"),
                "MLFLOW_BACKEND_STORE_URI": _key(self._secrets.mlflow, "database_url"),
                "MLFLOW_FLASK_SERVER_SECRET_KEY": _key(self._secrets.mlflow, "session_secret"),
            },
            port=spec.port,
        )
        database = self._database_container("mlflow", image, self._secrets.mlflow)
        return containers.in_order(database, server)

    def airflow(self, component: str, image: Any, executor: Mapping[str, Any]) -> list[Container]:
        """An Airflow component, after the migration (the API server) or after waiting for it (the others)."""
        spec = CONTAINERS[component]
        service = self._airflow_container(
            component,
            image,
            spec.inline_command(*(["--proxy-headers"] if spec.port else [])),
            executor=executor,
            mounts=_MOUNTS,
            port=spec.port or None,
        )
        if spec.port:
            database = self._database_container("airflow", image, self._secrets.airflow)
            migrate = self._airflow_container(
                "migrate",
                image,
                CONTAINERS["airflow-migrate"].inline_command(),
                secrets={"ADMIN_PASSWORD": _key(self._secrets.airflow, "admin_password")},
            )
            return containers.in_order(database, migrate, service)
        wait = self._airflow_container("wait", image, containers.airflow_wait())
        return containers.in_order(wait, {**service, **containers.airflow_health(spec)})

    def worker(self, image: Any) -> list[Container]:
        """A task that Airflow's scheduler starts with a command of its own."""
        return [self._airflow_container("worker", image, ["airflow", "version"], mounts=_MOUNTS)]

    def admin(self, image: Any, access: AdminAccess) -> list[Container]:
        """The admin GUI; behind a load balancer that signs people in it trusts what that one signs."""
        spec, entry, args = CONTAINERS["admin"], self._load_balancer, self._args
        sign_in = {
            "ADMIN_OIDC_ADMINS": ",".join(args.oidc_admins),
            "ADMIN_OIDC_LOAD_BALANCER_ARN": entry.load_balancer.arn,
        }
        server = containers.container(
            spec.name,
            image,
            spec.inline_command(),
            logs=self._logs("admin"),
            read_only=not args.ecs_exec,
            environment={
                **spec.environment,
                **access.environment(),
                "ADMIN_BEHIND_PROXY": "true",
                "ADMIN_PORT": str(ADMIN_PORT),
                "AIRFLOW_PUBLIC_URL": entry.url("airflow"),
                "AIRFLOW_URL": pulumi.Output.format(
                    "http://api-server.{0}:{1}{2}", self._namespace, AIRFLOW_PORT, entry.path("airflow")
                ),
                "AWS_DEFAULT_REGION": self._region,
                "MLFLOW_PUBLIC_URL": entry.url("mlflow"),
                "MLFLOW_TRACKING_URI": self.mlflow_address(),
                **(sign_in if args.oidc_issuer else {}),
            },
            secrets={
                "ADMIN_PASSWORD": _key(self._secrets.admin, "admin_password"),
                "ADMIN_SESSION_KEY": _key(self._secrets.admin, "session_key"),
                "ADMIN_VIEWER_PASSWORD": _key(self._secrets.admin, "viewer_password"),
                "AIRFLOW_PASSWORD": _key(self._secrets.airflow, "admin_password"),
                "MLFLOW_TRACKING_PASSWORD": _key(self._secrets.mlflow, "admin_password"),
            },
            port=spec.port,
        )
        return [server]

    def _airflow_container(
        self,
        name: str,
        image: Any,
        command: list[str],
        *,
        executor: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Container:
        secret = self._secrets.airflow
        return containers.container(
            name,
            image,
            command,
            logs=self._logs("airflow"),
            read_only=not self._args.ecs_exec,
            environment={
                **CONTAINERS["api-server"].environment,
                **self._airflow_environment(),
                **self._environment,
                **(executor or {}),
            },
            secrets={
                "AIRFLOW__API__SECRET_KEY": _key(secret, "session_secret"),
                "AIRFLOW__API_AUTH__JWT_SECRET": _key(secret, "jwt_secret"),
                "AIRFLOW__CORE__FERNET_KEY": _key(secret, "fernet_key"),
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _key(secret, "database_url"),
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _key(secret, "database_url_async"),
                "MLFLOW_TRACKING_PASSWORD": _key(self._secrets.mlflow, "admin_password"),
                **(secrets or {}),
            },
            **more,
        )

    def _airflow_environment(self) -> Mapping[str, Any]:
        args, path = self._args, self._load_balancer.path("airflow")
        local = args.airflow_executor == "local"
        return containers.airflow_environment(
            base_url=self._load_balancer.url("airflow"),
            api_url=pulumi.Output.format(
                "http://api-server.{0}:{1}{2}/execution/", self._namespace, AIRFLOW_PORT, path
            ),
            tracking_url=self.mlflow_address(),
            task_logs=pulumi.Output.format("s3://{0}/logs/airflow", self._environment["DATA_BUCKET"]),
            executor=_EXECUTORS[args.airflow_executor],
            parallelism=max(2, args.scheduler_cpu // 512) if local else _ECS_TASKS_AT_ONCE,
        )

    def _logs(self, service: str) -> dict[str, Any]:
        return {"awslogs-group": self._log_groups[service], "awslogs-region": self._region}

    def _database_container(self, service: str, image: Any, secret: pulumi.Input[str]) -> Container:
        """Makes the service's role and database with the master's rights."""
        master = self._database.master_secret_arn
        return containers.container(
            "create-database",
            image,
            CONTAINERS["databases"].inline_command(service),
            logs=self._logs(service),
            read_only=not self._args.ecs_exec,
            environment={"PGHOST": self._database.instance.address, "PGSSLMODE": "require"},
            secrets={
                f"{service.upper()}_DATABASE_PASSWORD": _key(secret, "database_password"),
                "PGPASSWORD": _key(master, "password"),
                "PGUSER": _key(master, "username"),
            },
        )


def _key(arn: pulumi.Input[str], key: str) -> pulumi.Output[str]:
    """ECS's way to name one value of a JSON secret."""
    return pulumi.Output.format("{0}:{1}::", arn, key)
