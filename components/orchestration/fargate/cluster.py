"""The ECS cluster: both kinds of Fargate capacity, and where the words typed into ECS Exec are kept."""

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name
from components.orchestration.fargate.containers import capacity_strategy
from components.orchestration.fargate.settings.services import ServicesSettings


def cluster(
    name: str, args: ServicesSettings, *, parent: pulumi.Resource
) -> tuple[aws.ecs.Cluster, pulumi.Resource, aws.cloudwatch.LogGroup]:
    """The cluster, what lets services start on it, and the log group of ECS Exec's sessions."""
    opts = pulumi.ResourceOptions(parent=parent)
    sessions = aws.cloudwatch.LogGroup(
        f"{name}-cluster",
        name=f"/aws/ecs/cluster/{pulumi.get_project()}-{pulumi.get_stack()}",
        retention_in_days=args.log_retention_days,
        opts=opts,
    )
    made = aws.ecs.Cluster(
        f"{name}-cluster",
        name=physical_name("cluster"),
        settings=[
            {"name": "containerInsights", "value": "enabled" if args.container_insights else "disabled"}
        ],
        configuration={
            "execute_command_configuration": {
                "logging": "OVERRIDE",
                "log_configuration": {"cloud_watch_log_group_name": sessions.name},
            }
        },
        opts=opts,
    )
    strategy = capacity_strategy(
        on_demand=args.fargate_weight, spot=args.fargate_spot_weight, base=args.fargate_base
    )
    capacity = aws.ecs.ClusterCapacityProviders(
        f"{name}-cluster",
        cluster_name=made.name,
        capacity_providers=["FARGATE", "FARGATE_SPOT"],
        default_capacity_provider_strategies=[
            aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                capacity_provider=item["capacityProvider"], weight=item["weight"], base=item["base"]
            )
            for item in strategy
        ],
        opts=opts,
    )
    return made, capacity, sessions
