"""AutoML's tasks on a cluster of their own, and the state machine that runs them in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.automl import monitored
from components.automl.machine import state_machine
from components.automl.settings import TASKS, AutomlSettings
from components.automl.tasks import DASK_PORTS, Definitions, Shared, definitions
from components.common.build_context import content_tag
from components.common.data_access import NamedArn
from components.common.insights import insights_log_group
from components.common.mlflow_access import MlflowAccess
from components.common.monitored import Monitored
from components.common.names import physical_name
from components.common.paths import WORKLOADS
from components.common.placement import Placement
from components.common.repository import repository
from components.common.security_groups import Groups

_POSTGRES_PORT = 5432


@dataclass(frozen=True, kw_only=True)
class AutomlArgs:
    """The settings, where to run, the data bucket, MLflow, and whom to tell of a failure.

    Where the private subnets have no way out, tasks run in the public ones with an address of their own,
    which no rule lets anybody reach.
    """

    settings: AutomlSettings
    placement: Placement
    data_bucket: NamedArn
    mlflow: MlflowAccess
    alarm_topic_arn: pulumi.Input[str]


class Automl(pulumi.ComponentResource):
    """Search, training and batch prediction.

    ::

        automl = Automl("automl", AutomlArgs(settings=AutomlSettings(automl=True), ...))

    Task definitions name images by the hash of what they are built from, which `python -m ops automl build`
    pushes. The output `automl` is what the commands of `python -m ops automl` need.
    """

    outputs: dict[str, pulumi.Output[Any]]
    monitored: Monitored

    def __init__(self, name: str, args: AutomlArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Automl", name, None, opts)
        self._name = name
        self._args = args
        self._opts = pulumi.ResourceOptions(parent=self)
        settings, placement = args.settings, args.placement
        self._region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self._logs = {
            task: self._log_group(task, f"/ecs/{physical_name(f'automl-{task}')}")
            for task in settings.automl_tasks
        }
        self._group = self._security_group()
        self._cluster = self._make_cluster()
        self._tag = content_tag("automl", settings.automl_architecture, WORKLOADS)
        self._repositories = {task: repository(self._name, f"automl-{task}", parent=self) for task in TASKS}
        where: dict[str, Any] = {
            "cluster_arn": self._cluster.arn,
            "security_group_id": self._group.id,
            "subnet_ids": placement.task_subnet_ids,
            "public_address": not placement.private_egress,
            "topic_arn": args.alarm_topic_arn,
        }
        made = self._definitions(where)
        tasks = made.tasks
        machine = None
        if settings.automl_state_machine:
            group = self._log_group("machine", f"/aws/vendedlogs/states/{physical_name('automl')}")
            machine = state_machine(self._name, settings, where, made, log_group=group, parent=self)
        self.monitored = Monitored(
            owner=self,
            name=name,
            part="automl",  # predictions do not wait for it
            alarms=(
                *monitored.task_alarms(tasks, self._cluster.name, settings.automl_alarm_percent),
                *(monitored.execution_alarms(machine) if machine else ()),
            ),
            panels=monitored.panels(tasks, self._cluster.name, machine),
        )
        self.outputs = {"automl": self._described(where, tasks, machine)}
        self.register_outputs(self.outputs)

    def _described(
        self,
        where: dict[str, Any],
        tasks: dict[str, aws.ecs.TaskDefinition],
        machine: aws.sfn.StateMachine | None,
    ) -> pulumi.Output[dict[str, Any]]:
        settings = self._args.settings
        described: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
            cluster=self._cluster.name,
            subnets=pulumi.Output.all(*where["subnet_ids"]),
            security_group=self._group.id,
            public_address=where["public_address"],
            capacity_provider=settings.automl_capacity_provider,
            task_definitions={task: made.arn for task, made in tasks.items()},
            repositories={task: made.repository_url for task, made in self._repositories.items()},
            image_tag=self._tag,
            architecture=settings.automl_architecture,
            log_groups={task: group.name for task, group in self._logs.items()},
            data_bucket=self._args.data_bucket.name,
            state_machine=machine.arn if machine else "",
        )
        return described

    def _log_group(self, suffix: str, group_name: str) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-{suffix}",
            name=group_name,
            retention_in_days=self._args.settings.log_retention_days,
            opts=self._opts,
        )

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """Tasks reach AWS and MLflow, and nobody reaches them but, on Dask, each other."""
        args = self._args
        groups = Groups(self._name, args.placement.vpc_id, parent=self)
        group = groups.group("automl-tasks", "Tasks of AutoML")
        groups.allow_https("https", group)
        groups.allow_ids("mlflow", group.id, args.mlflow.security_group_id, args.mlflow.port)
        if args.settings.automl_study_database_secret_arn:
            groups.allow_out("database", group, _POSTGRES_PORT, "PostgreSQL of the studies")
        if args.settings.automl_train_engine == "dask":
            groups.allow_range("dask", group, DASK_PORTS)
        return group

    def _make_cluster(self) -> aws.ecs.Cluster:
        settings = self._args.settings
        insights = "enabled" if settings.automl_container_insights else "disabled"
        if settings.automl_container_insights:
            insights_log_group(
                f"{self._name}-insights", physical_name("automl"), settings.log_retention_days, self
            )
        cluster = aws.ecs.Cluster(
            f"{self._name}-cluster",
            name=physical_name("automl"),
            settings=[{"name": "containerInsights", "value": insights}],
            opts=self._opts,
        )
        aws.ecs.ClusterCapacityProviders(
            f"{self._name}-cluster",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[
                {"capacity_provider": self._args.settings.automl_capacity_provider, "weight": 1}
            ],
            opts=self._opts,
        )
        return cluster

    def _definitions(self, where: Mapping[str, Any]) -> Definitions:
        args = self._args
        shared = Shared(
            settings=args.settings,
            data_bucket=args.data_bucket,
            mlflow=args.mlflow,
            where=where,
            repositories=self._repositories,
            image_tag=self._tag,
            log_groups=self._logs,
            region=self._region,
        )
        return definitions(self._name, shared, parent=self)


def automl(
    name: str, args: AutomlArgs, opts: pulumi.ResourceOptions | None = None
) -> tuple[dict[str, Any], tuple[Monitored, ...]]:
    """The outputs of AutoML's tasks and what to watch; nothing unless the settings ask for it."""
    if not args.settings.automl:
        return {}, ()
    made = Automl(name, args, opts)
    return made.outputs, (made.monitored,)
