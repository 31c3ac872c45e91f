"""ECS on Fargate: services by the hours of their tasks, and task definitions that something else starts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ops.costs.model import Line, Resource
from ops.costs.pricing import HOURS, Free, Pricing, Rules

TASK, SERVICE = "aws:ecs/taskDefinition:TaskDefinition", "aws:ecs/service:Service"
_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_SPOT = "FARGATE_SPOT"
_RUN_TASK = "AIRFLOW__AWS_ECS_EXECUTOR__RUN_TASK_KWARGS"
_INCLUDED_GIB = 20


def service(one: Resource, at: Pricing) -> Iterator[Line]:
    """A service costs its tasks' CPU and memory for the hours that it runs."""
    tasks = Decimal(str(one.inputs.get("desiredCount", 1)))
    task = next(at.graph.needed_by(one, TASK))
    on_demand = on_demand_tasks(one.inputs.get("capacityProviderStrategies") or (), tasks)
    hours = at.hours(one)
    yield from task_lines(one, task, hours * on_demand, "", at)
    yield from task_lines(one, task, hours * (tasks - on_demand), "fargate", at)
    if (one.inputs.get("networkConfiguration") or {}).get("assignPublicIp"):
        yield at.line(one, "public IPv4 addresses", tasks * hours, "ipv4.hour", at.hours_note(one))


def task_definition(one: Resource, at: Pricing) -> Iterator[Line]:
    """Tasks of no service run for the hours of the usage, which what is no worker of Airflow's shares."""
    if _is_worker(one):
        hours, strategy = at.usage.worker_task_hours, _worker_strategy(at)
    elif one in (others := _other_tasks(at)):
        hours, strategy = at.usage.other_task_hours / len(others), _default_strategy(one, at)
    else:
        return
    on_demand = on_demand_tasks(strategy, Decimal(1))
    yield from task_lines(one, one, hours * on_demand, "", at)
    yield from task_lines(one, one, hours * (1 - on_demand), "fargate", at)


def task_lines(
    one: Resource, task: Resource, task_hours: Decimal, capacity: str, at: Pricing
) -> Iterator[Line]:
    """CPU, memory and storage of `task_hours` hours of a task; none for none."""
    if not task_hours:
        return
    platform = (task.inputs.get("runtimePlatform") or {}).get("cpuArchitecture", "X86_64").lower()
    vcpus, gib = Decimal(task.inputs["cpu"]) / 1024, Decimal(task.inputs["memory"]) / 1024
    note = at.hours_note(one)
    yield at.line(
        one, f"tasks, {vcpus:f} vCPU", vcpus * task_hours, f"fargate.vcpu.{platform}", note, capacity
    )
    yield at.line(one, f"tasks, {gib:f} GB", gib * task_hours, f"fargate.gb.{platform}", note, capacity)
    storage = Decimal((task.inputs.get("ephemeralStorage") or {}).get("sizeInGib", 0)) - _INCLUDED_GIB
    if storage > 0:
        yield at.line(one, f"task storage above {_INCLUDED_GIB} GB", storage * task_hours, "fargate.storage")


def cluster(one: Resource, at: Pricing) -> Iterator[Line]:
    """A cluster is free; Container Insights are custom metrics of each service."""
    settings = {setting["name"]: setting["value"] for setting in one.inputs.get("settings", ())}
    if settings.get("containerInsights", "disabled") != "disabled":
        tasks = [task for task in _other_tasks(at) if task.parent == one.parent]
        running = at.usage.other_task_hours / len(_other_tasks(at)) / HOURS if tasks else Decimal(0)
        reported = len(list(at.graph.needing(one, SERVICE))) + len(tasks) * running
        metrics = at.usage.container_insights_metrics * reported
        yield at.line(one, "Container Insights metrics", metrics, "cloudwatch.metric")


def on_demand_tasks(strategy: Sequence[Mapping[str, Any]], tasks: Decimal) -> Decimal:
    """How many of `tasks` run on demand: the base first, then by weight, on average.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    """
    if not strategy:
        return tasks
    base = {one["capacityProvider"]: Decimal(str(one.get("base", 0))) for one in strategy}
    weight = {one["capacityProvider"]: Decimal(str(one.get("weight", 0))) for one in strategy}
    spot_base = min(base.get(_SPOT, Decimal(0)), tasks)
    first = min(sum(base.values(), Decimal(0)), tasks)
    total = sum(weight.values(), Decimal(0))
    spot_rest = (tasks - first) * weight.get(_SPOT, Decimal(0)) / total if total else Decimal(0)
    return tasks - spot_base - spot_rest


def _other_tasks(at: Pricing) -> list[Resource]:
    """The task definitions that belong to no service and are not the workers'."""
    return [
        task
        for task in at.graph.all(TASK)
        if not _is_worker(task) and not any(at.graph.needing(task, SERVICE))
    ]


def _default_strategy(task: Resource, at: Pricing) -> Sequence[Mapping[str, Any]]:
    """The default of the cluster that the task's component brings; on demand where it brings none."""
    for providers in at.graph.all(_PROVIDERS):
        if providers.parent == task.parent:
            return providers.inputs.get("defaultCapacityProviderStrategies") or ()
    return ()


def _is_worker(task: Resource) -> bool:
    return task.name.endswith("-worker")


def _worker_strategy(at: Pricing) -> Sequence[Mapping[str, Any]]:
    """The strategy that Airflow's executor starts its workers with; without one they run on demand."""
    for task in at.graph.all(TASK):
        text = task.inputs.get("containerDefinitions", "[]")
        for container in json.loads(text) if text.startswith("[{") else ():
            for variable in container.get("environment", ()):
                if variable["name"] == _RUN_TASK:
                    strategy: Any = json.loads(variable["value"]).get("capacityProviderStrategy", ())
                    return [dict(one) for one in strategy]
    return ()


RULES: Rules = {
    TASK: task_definition,
    SERVICE: service,
    "aws:ecs/cluster:Cluster": cluster,
}
FREE: Free = {
    _PROVIDERS: "the tasks are priced",
}
