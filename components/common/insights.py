"""Where Container Insights writes what its metrics are made of."""

import pulumi
import pulumi_aws as aws


def insights_log_group(name: str, cluster_name: str, retention_days: int, parent: pulumi.Resource) -> None:
    """The group of a cluster, which ECS would make itself, with a retention of its own."""
    aws.cloudwatch.LogGroup(
        name,
        name=f"/aws/ecs/containerinsights/{cluster_name}/performance",
        retention_in_days=retention_days,
        opts=pulumi.ResourceOptions(parent=parent),
    )
