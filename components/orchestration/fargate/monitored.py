"""What is worth an alarm on Fargate."""

from collections.abc import Mapping

import pulumi

from components.common.monitored import Alarm, Event, Expression, Metric, Monitored, Panel
from components.orchestration import monitored as shared
from components.orchestration.fargate.args import FargateArgs
from components.orchestration.fargate.infrastructure import Infrastructure
from components.orchestration.fargate.load_balancer import LoadBalancer
from components.orchestration.fargate.monitored_storage import database_alarms, database_panels, file_alarms
from components.orchestration.fargate.settings import FargateSettings

_FIVE_MINUTES = 300
_SLOW_SECONDS = 5


def monitored(
    name: str,
    args: FargateArgs,
    base: Infrastructure,
    services: Mapping[str, pulumi.Input[str]],
    *,
    owner: pulumi.Resource,
) -> Monitored:
    """Everything that the variant has; `services` are the names in ECS by what they are."""
    settings, cluster, balancer = args.settings, base.cluster.name, base.load_balancer
    logs = {service: group.name for service, group in base.log_groups.items()}
    return Monitored(
        owner=owner,
        name=name,
        alarms=(
            *service_alarms(settings, cluster, services, scheduled=args.scheduled),
            *database_alarms(settings, base.database.instance),
            *file_alarms(settings, base.files.file_system),
            *balancer_alarms(balancer),
            *shared.airflow_alarms("fargate"),
            *shared.model_alarms("fargate", args.data),
        ),
        panels=(
            *shared.panels(args.data, logs["mlflow"]),
            *service_panels(cluster, services),
            *balancer_panels(balancer),
            *database_panels(base.database.instance),
        ),
        events=service_events(base.cluster.arn),
        log_metrics=shared.airflow_log_metrics(logs["airflow"]),
        queries=shared.queries("fargate", *logs.values()),
    )


def service_alarms(
    settings: FargateSettings,
    cluster: pulumi.Input[str],
    services: Mapping[str, pulumi.Input[str]],
    *,
    scheduled: bool,
) -> tuple[Alarm, ...]:
    """Fewer tasks than asked for. Without Container Insights only a service that has none at all is seen,
    for ECS then reports nothing of it, which in office hours is so every night."""
    if not settings.container_insights and scheduled:
        return ()
    return tuple(
        Alarm(
            name=f"{name}-tasks",
            meaning=f"{name} has had fewer tasks than it should for ten minutes; its events in ECS say why",
            runbook="tasks-missing",
            metric=_missing_tasks(cluster, service)
            if settings.container_insights
            else _service("CPUUtilization", cluster, service, "SampleCount"),
            threshold=0 if settings.container_insights else 1,
            comparison=">" if settings.container_insights else "<",
            periods=10,
            missing="notBreaching" if settings.container_insights else "breaching",
        )
        for name, service in services.items()
    )


def service_panels(
    cluster: pulumi.Input[str], services: Mapping[str, pulumi.Input[str]]
) -> tuple[Panel, ...]:
    """CPU and memory of every service."""
    return tuple(
        Panel(
            group="Services",
            title=f"{title} of the services, percent",
            metrics=tuple(
                _service(metric, cluster, service, "Average", label=name)
                for name, service in services.items()
            ),
        )
        for title, metric in (("CPU", "CPUUtilization"), ("Memory", "MemoryUtilization"))
    )


def service_events(cluster_arn: pulumi.Input[str]) -> tuple[Event, ...]:
    """What ECS says itself: tasks that end again and again, no room for one, a deployment that failed."""
    return (
        Event(
            name="ecs-services",
            meaning="a service of ECS cannot keep its tasks running, or finds no room for them",
            runbook="tasks-missing",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Service Action"],
                "detail": {
                    "clusterArn": [cluster_arn],
                    "eventName": ["SERVICE_TASK_START_IMPAIRED", "SERVICE_TASK_PLACEMENT_FAILURE"],
                },
            },
        ),
        Event(
            name="ecs-deployments",
            meaning="a deployment has failed, and ECS goes back to the one before",
            runbook="tasks-missing",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "detail": {"clusterArn": [cluster_arn], "eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            },
        ),
    )


def balancer_alarms(balancer: LoadBalancer) -> tuple[Alarm, ...]:
    """Answers of 5xx from the balancer and from behind it, slow ones, and targets that fail checks."""
    whole = {"LoadBalancer": balancer.load_balancer.arn_suffix}
    failing = {
        "alb-errors": ("HTTPCode_ELB_5XX_Count", "the load balancer answers 5xx: it reaches no service"),
        "service-errors": ("HTTPCode_Target_5XX_Count", "Airflow or MLflow answers 5xx"),
    }
    errors = [
        Alarm(
            name=name,
            meaning=meaning,
            runbook="pages-fail",
            metric=_balancer(metric, whole, "Sum"),
            threshold=10,
            periods=2,
        )
        for name, (metric, meaning) in failing.items()
    ]
    slow = Alarm(
        name="slow-answers",
        meaning=f"one answer in ten takes longer than {_SLOW_SECONDS} s",
        runbook="pages-fail",
        metric=_balancer("TargetResponseTime", whole, "p90"),
        threshold=_SLOW_SECONDS,
        periods=3,
    )
    unhealthy = [
        Alarm(
            name=f"{service}-unhealthy",
            meaning=f"targets of {service} have failed their health checks for ten minutes",
            runbook="tasks-missing",
            metric=_balancer("UnHealthyHostCount", {**whole, "TargetGroup": group.arn_suffix}, "Maximum"),
            periods=2,
        )
        for service, group in balancer.target_groups.items()
    ]
    return (*errors, slow, *unhealthy)


def balancer_panels(balancer: LoadBalancer) -> tuple[Panel, ...]:
    """Requests and errors."""
    whole = {"LoadBalancer": balancer.load_balancer.arn_suffix}
    return (
        Panel(
            group="Load balancer",
            title="Requests and answers of 5xx",
            metrics=tuple(
                _balancer(name, whole, "Sum")
                for name in ("RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count")
            ),
        ),
        Panel(
            group="Load balancer",
            title="Seconds to an answer",
            metrics=tuple(_balancer("TargetResponseTime", whole, one) for one in ("p50", "p90")),
        ),
    )


def _missing_tasks(cluster: pulumi.Input[str], service: pulumi.Input[str]) -> Expression:
    dimensions = {"ClusterName": cluster, "ServiceName": service}

    def count(name: str) -> Metric:
        return Metric(
            namespace="ECS/ContainerInsights", name=name, dimensions=dimensions, statistic="Average"
        )

    counts = {"running": count("RunningTaskCount"), "desired": count("DesiredTaskCount")}
    return Expression(formula="desired - running", metrics=counts, label="tasks missing")


def _service(
    name: str, cluster: pulumi.Input[str], service: pulumi.Input[str], statistic: str, *, label: str = ""
) -> Metric:
    dimensions = {"ClusterName": cluster, "ServiceName": service}
    return Metric(namespace="AWS/ECS", name=name, dimensions=dimensions, statistic=statistic, label=label)


def _balancer(name: str, dimensions: Mapping[str, pulumi.Input[str]], statistic: str) -> Metric:
    return Metric(
        namespace="AWS/ApplicationELB",
        name=name,
        dimensions=dimensions,
        statistic=statistic,
        period_seconds=_FIVE_MINUTES,
    )
