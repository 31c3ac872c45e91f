"""How many tasks there are: by their CPU, and by the requests that each gets."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.entry import Entry
from components.common.names import physical_name
from components.serving.alarms import NAMESPACE
from components.serving.routing import Routing
from components.serving.settings import ServingSettings


def scale(
    name: str,
    settings: ServingSettings,
    service: aws.ecs.Service,
    entry: Entry,
    routing: Routing,
    *,
    parent: pulumi.Resource,
) -> None:
    """Keeps the service between its fewest and its most tasks."""
    opts = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.format("service/{0}/{1}", entry.cluster_name, service.name),
        min_capacity=settings.serving_count,
        max_capacity=settings.serving_max_count,
        opts=opts,
    )
    for metric, configuration in _followed(settings, entry, routing).items():
        tracking: Any = {**configuration, "scale_in_cooldown": 300, "scale_out_cooldown": 60}
        aws.appautoscaling.Policy(
            f"{name}-{metric}",
            name=physical_name(f"serving-{metric}"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=tracking,
            opts=opts,
        )


def _requests(entry: Entry, routing: Routing) -> list[dict[str, Any]]:
    """ALBRequestCountPerTarget follows one target group, and a deployment moves the requests to the other."""
    of_each = [
        {
            "id": colour,
            "metric_stat": {
                "metric": {
                    "namespace": NAMESPACE,
                    "metric_name": "RequestCountPerTarget",
                    "dimensions": [
                        {"name": "LoadBalancer", "value": entry.load_balancer},
                        {"name": "TargetGroup", "value": group.arn_suffix},
                    ],
                },
                "stat": "Sum",
            },
            "return_data": False,
        }
        for colour, group in (("blue", routing.blue), ("green", routing.green))
    ]
    joined = {"id": "joined", "expression": "SUM([blue, green])", "return_data": True}
    return [*of_each, joined]


def _followed(settings: ServingSettings, entry: Entry, routing: Routing) -> dict[str, dict[str, Any]]:
    """What is kept at a value, by the policy's name."""
    return {
        "cpu": {
            "target_value": settings.serving_cpu_percent,
            "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
        },
        "requests": {
            "target_value": settings.serving_requests_per_minute,
            "customized_metric_specification": {"metrics": _requests(entry, routing)},
        },
    }
