"""The metrics that a graph's resources publish: AWS's by what there is, the project's by who sends them."""

import base64
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import boto3
import yaml

from ops.engine import Deployment, Resource
from tests.integration.aws_metrics import SERVICES
from workloads.monitoring.history import Row
from workloads.monitoring.notices import put_metrics

ROOT = Path(__file__).parents[2]


class Published(NamedTuple):
    """A metric and its dimensions, sorted."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


_BALANCER = ("RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "TargetResponseTime")
_SERVICE = ("CPUUtilization", "MemoryUtilization")
_INSIGHTS = ("RunningTaskCount", "DesiredTaskCount")
_TASK_INSIGHTS = ("CpuUtilized", "CpuReserved", "MemoryUtilized", "MemoryReserved")


def published(deployment: Deployment) -> set[Published]:
    """Every metric that the graph's resources and what runs on them send."""
    return {
        *_of_services(deployment),
        *_of_pairs(deployment),
        *_of_the_predictor(deployment),
        *_of_instances(deployment),
        *_of_logs(deployment),
        *_of_the_report(deployment),
    }


def all_of(deployment: Deployment, type_: str) -> list[Resource]:
    """The graph's resources of a type."""
    return [one for one in deployment.resources if one.type == type_]


def _metric(namespace: str, name: str, **dimensions: str) -> Published:
    return Published(namespace, name, tuple(sorted(dimensions.items())))


def _value(resource: Resource, name: str) -> str:
    return str(resource.id if name == "id" else {**resource.inputs, **resource.outputs}[name])


def _of_services(deployment: Deployment) -> Iterator[Published]:
    for namespace, services in SERVICES.items():
        for service in services:
            for one in all_of(deployment, service.type):
                found = {key: _value(one, name) for key, name in service.dimensions.items()}
                for name in service.names:
                    yield _metric(namespace, name, **found)


def _of_pairs(deployment: Deployment) -> Iterator[Published]:
    """With the dimensions of two resources: a service or task in its cluster, a group of a balancer."""
    clusters = {_value(one, "arn"): one for one in all_of(deployment, "aws:ecs/cluster:Cluster")}
    for service in all_of(deployment, "aws:ecs/service:Service"):
        cluster = clusters[service.inputs["cluster"]]
        here = {"ClusterName": cluster.inputs["name"], "ServiceName": service.inputs["name"]}
        yield from (_metric("AWS/ECS", name, **here) for name in _SERVICE)
        if _insights(cluster):
            yield from (_metric("ECS/ContainerInsights", name, **here) for name in _INSIGHTS)
    for cluster in filter(_insights, clusters.values()):
        for task in all_of(deployment, "aws:ecs/taskDefinition:TaskDefinition"):
            here = {"ClusterName": cluster.inputs["name"], "TaskDefinitionFamily": task.inputs["family"]}
            yield from (_metric("ECS/ContainerInsights", name, **here) for name in _TASK_INSIGHTS)
    for balancer in all_of(deployment, "aws:lb/loadBalancer:LoadBalancer"):
        suffix = _value(balancer, "arnSuffix")
        yield from (_metric("AWS/ApplicationELB", name, LoadBalancer=suffix) for name in _BALANCER)
        for group in all_of(deployment, "aws:lb/targetGroup:TargetGroup"):
            both = {"LoadBalancer": suffix, "TargetGroup": _value(group, "arnSuffix")}
            yield _metric("AWS/ApplicationELB", "UnHealthyHostCount", **both)


def _insights(cluster: Resource) -> bool:
    settings = {one["name"]: one["value"] for one in cluster.inputs["settings"]}
    return bool(settings["containerInsights"] == "enabled")


def _of_the_predictor(deployment: Deployment) -> Iterator[Published]:
    """Its embedded metrics: those of its code that its own environment lets through."""
    units = re.search(r"_UNITS = \{(.*?)\}", (ROOT / "lambda/predictor.py").read_text(), re.DOTALL)
    known = set(re.findall(r'"(\w+)":', units[1] if units else ""))
    for function in all_of(deployment, "aws:lambda/function:Function"):
        variables = function.inputs.get("environment", {}).get("variables", {})
        if "POWERTOOLS_METRICS_NAMESPACE" in variables:
            chosen = set(filter(None, variables["REPORTED_METRICS"].split(",")))
            for name in known & chosen if chosen else known:
                namespace, service = (
                    variables[f"POWERTOOLS_{one}"] for one in ("METRICS_NAMESPACE", "SERVICE_NAME")
                )
                yield _metric(namespace, name, service=service)


def unpacked(packed: str) -> dict[str, str]:
    """The files of an instance's archive."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as tar:
        return {name: tar.extractfile(name).read().decode() for name in tar.getnames()}  # type: ignore[union-attr]


def _archives(deployment: Deployment) -> Iterator[tuple[str, dict[str, str]]]:
    """What each kind of instance unpacks, by its purpose."""
    for one in all_of(deployment, "aws:s3/bucketObjectv2:BucketObjectv2"):
        if packed := one.inputs.get("contentBase64"):
            purpose = one.inputs["key"].removeprefix("platform/").removesuffix(".tar.gz")
            yield purpose, unpacked(packed)


def _of_instances(deployment: Deployment) -> Iterator[Published]:
    """What the agent and the health script of each instance send, by the files that it is given."""
    instances = {one.inputs["tags"]["Name"]: one for one in all_of(deployment, "aws:ec2/instance:Instance")}
    for purpose, content in _archives(deployment):
        instance = instances.get(f"{deployment.project}-{purpose}-{deployment.stack}")
        if instance is None or "cloudwatch-agent.json" not in content:
            continue  # such as a worker's, which comes and goes
        metrics = json.loads(content["cloudwatch-agent.json"])["metrics"]
        assert metrics["aggregation_dimensions"] == [["InstanceId"]]
        for plugin, collected in metrics["metrics_collected"].items():
            for name in collected["measurement"]:
                yield _metric(metrics["namespace"], f"{plugin}_{name}", InstanceId=str(instance.id))
        if "host/health.sh" not in content:
            continue
        variables = dict(re.findall(r"^(\w+)='(.*)'$", content["platform.env"], re.MULTILINE))
        assert variables["HOST_NAME"] == instance.inputs["tags"]["Name"]
        sent = re.findall(r"--metric-name (\w+)", content["host/health.sh"])
        assert '--dimensions "Host=$HOST_NAME"' in content["host/health.sh"]
        for name in sent:
            yield _metric(variables["METRICS_NAMESPACE"], name, Host=variables["HOST_NAME"])


def _of_logs(deployment: Deployment) -> Iterator[Published]:
    groups = {one.inputs["name"] for one in all_of(deployment, "aws:cloudwatch/logGroup:LogGroup")}
    for one in all_of(deployment, "aws:cloudwatch/logMetricFilter:LogMetricFilter"):
        made = one.inputs["metricTransformation"]
        assert one.inputs["logGroupName"] in groups
        yield _metric(made["namespace"], made["name"])


def _of_the_report(deployment: Deployment) -> Iterator[Published]:
    """What the daily report really puts, under the names that Airflow's environment gives it."""
    variables = next(one for one in _environments(deployment) if "METRICS_NAMESPACE" in one)
    namespace = variables["METRICS_NAMESPACE"]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert put_metrics(
        namespace, variables["MODEL_NAME"], Row(day=yesterday, rmse=4.0, mae=3.0, mean_error=0.0, r2=0.7)
    )
    for one in boto3.client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]:
        dimensions = {each["Name"]: each["Value"] for each in one["Dimensions"]}
        yield _metric(namespace, one["MetricName"], **dimensions)


def _environments(deployment: Deployment) -> Iterator[Mapping[str, str]]:
    """The variables of every container that Airflow's scheduler or a worker runs in."""
    for _, content in _archives(deployment):
        compose = yaml.safe_load(content.get("compose.yaml", "services: {}"))
        for service in compose["services"].values():
            yield service.get("environment", {})
    for task in all_of(deployment, "aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(task.inputs["containerDefinitions"]):
            yield {one["name"]: one["value"] for one in container.get("environment", [])}
