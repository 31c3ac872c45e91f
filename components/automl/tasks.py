"""The task definitions: one container each, which can write to a scratch volume alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.automl import roles
from components.automl.settings import AutomlSettings
from components.common.data_access import NamedArn
from components.common.mlflow_access import USERNAME, MlflowAccess
from components.common.names import physical_name
from components.common.service_role import service_role

USER = "50000:0"  # that of the image
SCRATCH = "/tmp"  # noqa: S108 - a volume of the task's own
# The scheduler's own port is 8786; workers and what connects XGBoost's processes take free ones.
DASK_PORTS = (1024, 65535)
_SERVICE = "ecs-tasks.amazonaws.com"
_MACHINE = ("optimize", "train", "predict")  # that the state machine runs
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


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the definitions have in common; `where` is that of the state machine's `Where`."""

    settings: AutomlSettings
    data_bucket: NamedArn
    mlflow: MlflowAccess
    where: Mapping[str, Any]
    repositories: Mapping[str, aws.ecr.Repository]
    image_tag: str
    log_groups: Mapping[str, aws.cloudwatch.LogGroup]
    region: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """The definitions by task, the roles that they run under, and the one that starts them."""

    execution_role_arn: pulumi.Output[str]
    tasks: dict[str, aws.ecs.TaskDefinition] = field(default_factory=dict)
    role_arns: dict[str, pulumi.Output[str]] = field(default_factory=dict)

    def of_machine(self) -> dict[str, aws.ecs.TaskDefinition]:
        """Those that the state machine runs."""
        return {task: self.tasks[task] for task in _MACHINE}

    def passed(self, *tasks: str) -> list[pulumi.Output[str]]:
        """The roles that whoever runs these tasks hands over."""
        return [self.execution_role_arn, *(self.role_arns[task] for task in tasks or _MACHINE)]


def definitions(name: str, shared: Shared, *, parent: pulumi.Resource) -> Definitions:
    """A definition of each task, with a role of its own."""
    settings = shared.settings
    secrets: dict[str, Any] = {"MLFLOW_TRACKING_PASSWORD": _secret(name, shared, parent)}
    if settings.automl_study_database_secret_arn:
        secrets["STUDY_DATABASE_URL"] = settings.automl_study_database_secret_arn
    statements = roles.execution_statements(
        repository_arns=[made.arn for made in shared.repositories.values()],
        log_group_arns=[group.arn for group in shared.log_groups.values()],
        secret_arns=list(secrets.values()),
    )
    execution, _ = service_role(name, "execution", statements, assumed_by=_SERVICE, parent=parent)
    made = Definitions(execution_role_arn=execution.arn)
    for task in reversed(settings.automl_tasks):  # workers first: the training starts them
        own, _ = service_role(
            name, task, _statements(task, shared, made), assumed_by=_SERVICE, parent=parent
        )  # fmt: skip
        made.role_arns[task] = own.arn
        image = shared.repositories["train" if task == "worker" else task].repository_url
        container = Container(
            task=task,
            image=pulumi.Output.format("{0}:{1}", image, shared.image_tag),
            log_group=shared.log_groups[task].name,
            region=shared.region,
            environment=_environment(task, shared, made),
            secrets={} if task == "worker" else secrets,
        )
        made.tasks[task] = task_definition(
            name, settings, container,
            execution_role_arn=execution.arn, task_role_arn=own.arn, parent=parent,
        )  # fmt: skip
    return made


def _secret(name: str, shared: Shared, parent: pulumi.Resource) -> pulumi.Output[str]:
    """MLflow's password by itself, as ECS can hand it over."""
    opts = pulumi.ResourceOptions(parent=parent)
    secret = aws.secretsmanager.Secret(
        f"{name}-mlflow",
        name=physical_name("automl-mlflow"),
        description="MLflow's password, for AutoML's tasks",
        recovery_window_in_days=0,  # the orchestration has it too
        opts=opts,
    )
    version = aws.secretsmanager.SecretVersion(
        f"{name}-mlflow", secret_id=secret.id, secret_string=shared.mlflow.password, opts=opts
    )
    return version.secret_arn


def _statements(task: str, shared: Shared, made: Definitions) -> list[Any]:
    found = roles.task_statements(task, shared.data_bucket)
    if task in _MACHINE and shared.settings.automl_state_machine:
        found.append(roles.heartbeat_statement())
    if task == "train" and "worker" in made.tasks:
        found += roles.run_statements(
            cluster_arn=shared.where["cluster_arn"],
            family_arns=[made.tasks["worker"].arn_without_revision],
            role_arns=made.passed("worker"),
        )
    return found


def _environment(task: str, shared: Shared, made: Definitions) -> dict[str, Any]:
    settings = shared.settings
    found: dict[str, Any] = {
        "AWS_DEFAULT_REGION": shared.region,
        "DATA_BUCKET": shared.data_bucket.name,
        "JOBS": str(max(1, settings.size(task)[0] // 1024)),
    }
    if task != "worker":
        found |= {
            "MLFLOW_TRACKING_URI": shared.mlflow.tracking_uri,
            "MLFLOW_TRACKING_USERNAME": USERNAME,
            "MODEL_ALIAS": settings.model_alias,
            "MODEL_NAME": settings.model_name,
        }
    if task == "train":
        found |= {"ENGINE": settings.automl_train_engine, "TRAIN_MONTHS": str(settings.automl_train_months)}
    if task == "train" and "worker" in made.tasks:
        request = _run_task(shared, made.tasks["worker"])
        found |= {"WORKERS": str(settings.automl_workers), "WORKER_RUN_TASK": request}
    return found


def _run_task(shared: Shared, worker: aws.ecs.TaskDefinition) -> pulumi.Output[str]:
    """RunTask's parameters for a worker, as boto3 takes them."""
    where, settings = shared.where, shared.settings
    network = {
        "subnets": where["subnet_ids"],
        "securityGroups": [where["security_group_id"]],
        "assignPublicIp": "ENABLED" if where["public_address"] else "DISABLED",
    }
    return pulumi.Output.json_dumps(
        {
            "cluster": where["cluster_arn"],
            "taskDefinition": worker.arn,
            "capacityProviderStrategy": [
                {"capacityProvider": settings.automl_capacity_provider, "weight": 1}
            ],
            "networkConfiguration": {"awsvpcConfiguration": network},
        }
    )


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
