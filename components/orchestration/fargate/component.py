"""Airflow, MLflow and the admin GUI on ECS Fargate, with RDS, EFS and a load balancer."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.data_access import bucket_statements
from components.common.entry import Entry
from components.common.mlflow_access import MlflowAccess
from components.common.monitored import Monitored
from components.common.pausable import Pausable
from components.orchestration.containers import ADMIN_PORT, AIRFLOW_PORT, MLFLOW_PORT
from components.orchestration.fargate import containers, roles
from components.orchestration.fargate.args import FargateArgs
from components.orchestration.fargate.containers import Container
from components.orchestration.fargate.file_system import volumes
from components.orchestration.fargate.infrastructure import Infrastructure
from components.orchestration.fargate.monitored import monitored
from components.orchestration.fargate.pausables import pausables
from components.orchestration.fargate.secrets import make_secrets
from components.orchestration.fargate.services import Exposure, Services, TaskPlacement
from components.orchestration.fargate.tasks import Tasks
from components.orchestration.quick_start import SecretValue, quick_start


class FargateOrchestration(pulumi.ComponentResource):
    """The managed variant; it has the attributes of every variant.

    `pausables` are what a schedule can stop: the services and the database.
    """

    airflow_url: pulumi.Output[str]
    mlflow_url: pulumi.Output[str]
    admin_url: pulumi.Output[str]
    status_url: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    quick_start_commands: pulumi.Output[str]
    mlflow_access: MlflowAccess
    monitored: Monitored
    entry: Entry
    pausables: tuple[Pausable, ...]
    variant_outputs: dict[str, pulumi.Output[Any]]

    def __init__(self, name: str, args: FargateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:FargateOrchestration", name, None, opts)
        self._name = name
        self._args = args
        self._base = Infrastructure(name, args, parent=self)
        self._secrets = make_secrets(
            name, self._base.database, protect=args.settings.deletion_protection, parent=self
        )
        self._tasks = Tasks(
            args.settings,
            secrets=self._secrets,
            database=self._base.database,
            load_balancer=self._base.load_balancer,
            namespace=self._base.namespace.name,
            log_groups={service: group.name for service, group in self._base.log_groups.items()},
            region=self._base.region,
            environment=args.data.environment(),
        )
        self._make_roles()
        self._services = Services(
            name,
            args.settings,
            TaskPlacement(
                cluster=self._base.cluster,
                capacity=self._base.capacity,
                subnet_ids=args.private_subnet_ids,
                security_group_id=self._base.groups.services.id,
                execution_role_arn=self._execution_role.arn,
                architecture=args.image_architecture,
                internet_routes=args.internet_routes,
            ),
            scheduled=args.scheduled,
            parent=self,
        )
        mlflow = (self._run_mlflow(), args.settings.mlflow_count)
        running = {"mlflow": mlflow, "admin": (self._run_admin(), 1), **self._run_airflow()}
        self._set_outputs(running)
        self.monitored = monitored(
            name, args, self._base, {one: service.name for one, (service, _) in running.items()}, owner=self
        )

    def _make_roles(self) -> None:
        args = self._args
        self._roles = roles.Roles(self._name, parent=self)
        self._execution_role, self._execution_grants = self._roles.execution(self._tasks.secret_arns())
        session = roles.exec_sessions(self._base.sessions.arn) if args.settings.ecs_exec else []
        self._work = [
            *args.data.statements(),
            roles.logs(self._base.log_groups["airflow"].arn),
            self._base.files.statement(),
            *session,
        ]
        self._airflow_role, self._airflow_grant = self._roles.task("airflow", self._work)
        self._mlflow_role, self._mlflow_grant = self._roles.task(
            "mlflow", [*bucket_statements([args.data.artifacts_bucket.arn]), *session]
        )
        self._admin_role, self._admin_grant = self._roles.task("admin", args.admin.statements() + session)
        self._base.files.allow(self._airflow_role.arn)

    def _run_mlflow(self) -> aws.ecs.Service:
        self.mlflow_access = MlflowAccess(
            tracking_uri=self._tasks.mlflow_address(),
            password=self._secrets.mlflow_password,
            security_group_id=self._base.groups.services.id,
            port=MLFLOW_PORT,
        )
        made_of, count = self._tasks.mlflow(self._args.mlflow_image), self._args.settings.mlflow_count
        role, grant = self._mlflow_role, self._mlflow_grant
        return self._run("mlflow", made_of, role, grant, port=MLFLOW_PORT, count=count)

    def _run_admin(self) -> aws.ecs.Service:
        made_of, role = self._tasks.admin(self._args.admin_image, self._args.admin), self._admin_role
        return self._run("admin", made_of, role, self._admin_grant, port=ADMIN_PORT)

    def _run(
        self,
        name: str,
        made_of: list[Container],
        role: aws.iam.Role,
        grant: pulumi.Resource,
        *,
        port: int,
        count: int = 1,
    ) -> aws.ecs.Service:
        """A service that people reach, whose task, container and target group have its name."""
        return self._services.service(
            name,
            self._services.task_definition(name, made_of, role_arn=role.arn),
            count=count,
            exposure=self._exposure(name, name, port),
            depends_on=[*self._execution_grants, grant],
        )

    def _run_airflow(self) -> dict[str, tuple[aws.ecs.Service, int]]:
        args, role = self._args, self._airflow_role.arn
        executor: dict[str, Any] = {}
        scheduler_role = role
        grants = [*self._execution_grants, self._airflow_grant, *self._base.files.mount_targets]
        if args.settings.airflow_executor == "ecs":
            executor, scheduler_role, grant = self._executor()
            grants.append(grant)
        api = self._airflow_service(
            "api-server",
            role,
            executor,
            count=args.settings.api_server_count,
            exposure=self._exposure("airflow", "api-server", AIRFLOW_PORT),
            depends_on=grants,
        )
        counts = {
            "scheduler": args.settings.scheduler_count,
            "dag-processor": 1,
            "triggerer": args.settings.triggerer_count,
        }
        running = {"api-server": (api, args.settings.api_server_count)}
        for name_suffix, count in counts.items():
            # The API server migrates: until its new tasks are healthy the others stay as they are.
            service = self._airflow_service(
                name_suffix,
                scheduler_role if name_suffix == "scheduler" else role,
                executor,
                count=count,
                depends_on=[api],
            )
            running[name_suffix] = (service, count)
        return running

    def _airflow_service(
        self, name_suffix: str, role_arn: pulumi.Input[str], executor: dict[str, Any], **service: Any
    ) -> aws.ecs.Service:
        task = self._services.task_definition(
            name_suffix,
            self._tasks.airflow(name_suffix, self._args.airflow_image, executor),
            role_arn=role_arn,
            volumes=volumes(self._base.files),
        )
        return self._services.service(name_suffix, task, **service)

    def _executor(self) -> tuple[dict[str, Any], pulumi.Output[str], pulumi.Resource]:
        """What lets the scheduler start an ECS task for each Airflow task: environment, role and grant."""
        args = self._args
        worker = self._services.task_definition(
            "worker",
            self._tasks.worker(args.airflow_image),
            role_arn=self._airflow_role.arn,
            volumes=volumes(self._base.files),
        )
        role, grant = self._roles.task(
            "scheduler",
            [
                *self._work,
                *roles.run_tasks(
                    cluster_arn=self._base.cluster.arn,
                    family_arn=worker.arn_without_revision,
                    tasks_arn=self._base.cluster.arn.apply(
                        lambda arn: arn.replace(":cluster/", ":task/") + "/*"
                    ),
                    role_arns=[self._airflow_role.arn, self._execution_role.arn],
                ),
            ],
        )
        strategy = containers.capacity_strategy(
            on_demand=args.settings.worker_fargate_weight, spot=args.settings.worker_fargate_spot_weight
        )
        environment = containers.ecs_executor_environment(
            cluster=self._base.cluster.name,
            region=self._base.region,
            task_definition=worker.arn,
            subnets=pulumi.Output.all(*args.private_subnet_ids).apply(",".join),
            security_group=self._base.groups.services.id,
            strategy=strategy,
        )
        return environment, role.arn, grant

    def _exposure(self, service: str, container: str, port: int) -> Exposure:
        entry = self._base.load_balancer
        return Exposure(
            container=container,
            port=port,
            target_group=entry.target_groups[service],
            listeners=entry.listeners,
            namespace_id=self._base.namespace.id,
        )

    def _set_outputs(self, running: dict[str, tuple[aws.ecs.Service, int]]) -> None:
        load_balancer = self._base.load_balancer
        self.airflow_url = load_balancer.url("airflow")
        self.mlflow_url = load_balancer.url("mlflow")
        self.admin_url = load_balancer.url("admin")
        self.status_url = pulumi.Output.concat(self.admin_url, "/status")
        self.task_role_arn = self._airflow_role.arn
        self.pausables = pausables(self._base, running)
        self.variant_outputs = self._base.outputs()
        self.entry = self._base.entry()
        self.quick_start_commands = quick_start(
            self._base.region,
            airflow_password=SecretValue(secret_arn=self._secrets.airflow, path=".admin_password"),
            mlflow_password=SecretValue(secret_arn=self._secrets.mlflow, path=".admin_password"),
            admin_password=SecretValue(secret_arn=self._secrets.admin, path=".admin_password"),
            mlflow_url=self.mlflow_url,
            stream_name=self._args.data.stream.name,
        )
        self.register_outputs({"airflow_url": self.airflow_url, "mlflow_url": self.mlflow_url})
