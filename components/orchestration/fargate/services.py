"""The ECS services: a task definition and a service each, rolled back by ECS when new tasks do not hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name
from components.config.types import Architecture
from components.orchestration.fargate.containers import SCRATCH, Container, capacity_strategy
from components.orchestration.fargate.settings.services import ServicesSettings

_ECS_ARCHITECTURES = {"arm64": "ARM64", "x86_64": "X86_64"}


@dataclass(frozen=True, kw_only=True)
class TaskPlacement:
    """What every task of the cluster shares."""

    cluster: aws.ecs.Cluster
    capacity: pulumi.Resource
    subnet_ids: Any
    security_group_id: pulumi.Input[str]
    execution_role_arn: pulumi.Input[str]
    architecture: Architecture
    internet_routes: Sequence[pulumi.Resource]


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """How a service is reached: from the load balancer, and by name inside of the VPC."""

    container: str
    port: int
    target_group: aws.lb.TargetGroup
    listeners: Sequence[pulumi.Resource]
    namespace_id: pulumi.Input[str]


class Services:
    """Makes task definitions and services on a cluster."""

    def __init__(
        self,
        name: str,
        args: ServicesSettings,
        placement: TaskPlacement,
        *,
        scheduled: bool,
        parent: pulumi.Resource,
    ) -> None:
        self._name = name
        self._args = args
        self._placement = placement
        self._scheduled = scheduled
        self._parent = parent

    def task_definition(
        self,
        name_suffix: str,
        containers: Sequence[Container],
        *,
        role_arn: pulumi.Input[str],
        volumes: Sequence[Any] = (),
    ) -> aws.ecs.TaskDefinition:
        """A task of the size that the settings give `name_suffix` (`api-server`, `mlflow`)."""
        size = name_suffix.replace("-", "_")
        scratch: list[Any] = [{"name": name} for name in SCRATCH]
        return aws.ecs.TaskDefinition(
            f"{self._name}-{name_suffix}",
            family=physical_name(name_suffix),
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(getattr(self._args, f"{size}_cpu")),
            memory=str(getattr(self._args, f"{size}_memory_mib")),
            runtime_platform={
                "operating_system_family": "LINUX",
                "cpu_architecture": _ECS_ARCHITECTURES[self._placement.architecture],
            },
            execution_role_arn=self._placement.execution_role_arn,
            task_role_arn=role_arn,
            container_definitions=pulumi.Output.json_dumps(list(containers)),
            volumes=[*volumes, *scratch],
            # A scheduler that is being replaced, or that ECS rolls back to, starts tasks of its revision.
            skip_destroy=True,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )

    def service(
        self,
        name_suffix: str,
        task_definition: aws.ecs.TaskDefinition,
        *,
        count: int = 1,
        exposure: Exposure | None = None,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> aws.ecs.Service:
        """Keeps `count` tasks running; it counts as deployed once they are, and are healthy."""
        placement = self._placement
        listeners = exposure.listeners if exposure else ()
        # Tasks pull their images by way of the internet.
        first = [placement.capacity, *placement.internet_routes, *depends_on, *listeners]
        return aws.ecs.Service(
            f"{self._name}-{name_suffix}",
            name=physical_name(name_suffix),
            cluster=placement.cluster.arn,
            task_definition=task_definition.arn,
            desired_count=count,
            capacity_provider_strategies=self._strategy(),
            force_new_deployment=True,  # ECS takes a new strategy with a new deployment only
            deployment_circuit_breaker={"enable": True, "rollback": True},
            deployment_minimum_healthy_percent=self._args.deployment_minimum_healthy_percent,
            deployment_maximum_percent=self._args.deployment_maximum_percent,
            enable_execute_command=self._args.ecs_exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            network_configuration={
                "subnets": placement.subnet_ids,
                "security_groups": [placement.security_group_id],
                "assign_public_ip": False,
            },
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=first,
                ignore_changes=["desiredCount"] if self._scheduled else [],  # the schedule moves it
            ),
            **(self._exposed(name_suffix, exposure) if exposure else {}),
        )

    def _strategy(self) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
        args = self._args
        items = capacity_strategy(
            on_demand=args.fargate_weight, spot=args.fargate_spot_weight, base=args.fargate_base
        )
        return [
            aws.ecs.ServiceCapacityProviderStrategyArgs(
                capacity_provider=item["capacityProvider"], weight=item["weight"], base=item["base"]
            )
            for item in items
        ]

    def _exposed(self, name_suffix: str, exposure: Exposure) -> dict[str, Any]:
        found = aws.servicediscovery.Service(
            f"{self._name}-{name_suffix}-dns",
            name=name_suffix,
            dns_config={
                "namespace_id": exposure.namespace_id,
                "dns_records": [{"type": "A", "ttl": 10}],
                "routing_policy": "MULTIVALUE",
            },
            force_destroy=True,  # else a task that has just stopped keeps the name from being deleted
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        return {
            "health_check_grace_period_seconds": self._args.health_check_grace_seconds,
            "load_balancers": [
                {
                    "target_group_arn": exposure.target_group.arn,
                    "container_name": exposure.container,
                    "container_port": exposure.port,
                }
            ],
            "service_registries": {"registry_arn": found.arn},
        }
