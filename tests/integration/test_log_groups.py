"""Every log ends in a group that the stack made, and none is kept for ever."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.config.tiers import TIERS
from ops.engine import Deployment
from tests.integration.published import all_of, unpacked

BY_TIER = [pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}")) for tier in TIERS]
DAYS = {"micro": 7, "learning": 7, "standard": 14, "production": 30}


@pytest.mark.parametrize("tier", BY_TIER)
def test_logs_are_kept_as_long_as_the_tier_says(tier: str, graph: Any) -> None:
    groups = all_of(graph("dev", tier, preview=False), "aws:cloudwatch/logGroup:LogGroup")
    assert {one.inputs.get("retentionInDays") for one in groups} == {DAYS[tier]}


@pytest.mark.parametrize("tier", BY_TIER)
def test_nothing_makes_a_log_group_by_itself(tier: str, graph: Any) -> None:
    """A group that AWS makes at the first line keeps everything for ever."""
    deployment = graph("dev", tier, preview=False)
    made = {one.inputs["name"] for one in all_of(deployment, "aws:cloudwatch/logGroup:LogGroup")}
    assert set(written(deployment)) <= made
    assert set(written(deployment)) >= {f"/aws/lambda/{deployment.project}-predictor-dev"}


def written(deployment: Deployment) -> Iterator[str]:
    """The groups that functions, containers, instances, databases and clusters write to."""
    yield from _of_clusters(deployment)
    yield from _of_databases(deployment)
    for one in all_of(deployment, "aws:lambda/function:Function"):
        yield one.inputs.get("loggingConfig", {}).get("logGroup") or f"/aws/lambda/{one.inputs['name']}"
    for one in all_of(deployment, "aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(one.inputs["containerDefinitions"]):
            yield container["logConfiguration"]["options"]["awslogs-group"]
    for one in all_of(deployment, "aws:s3/bucketObjectv2:BucketObjectv2"):
        agent = unpacked(one.inputs["contentBase64"]).get("cloudwatch-agent.json")
        for collected in (
            json.loads(agent)["logs"]["logs_collected"]["files"]["collect_list"] if agent else ()
        ):
            yield collected["log_group_name"]


def _of_databases(deployment: Deployment) -> Iterator[str]:
    """Without RDSOSMetrics, which all databases of an account share and RDS keeps for 30 days."""
    for one in all_of(deployment, "aws:rds/instance:Instance"):
        for export in one.inputs["enabledCloudwatchLogsExports"]:
            yield f"/aws/rds/instance/{one.inputs['identifier']}/{export}"


def _of_clusters(deployment: Deployment) -> Iterator[str]:
    for one in all_of(deployment, "aws:ecs/cluster:Cluster"):
        if session := one.inputs.get("configuration", {}).get("executeCommandConfiguration"):
            yield session["logConfiguration"]["cloudWatchLogGroupName"]
        settings = {each["name"]: each["value"] for each in one.inputs["settings"]}
        if settings["containerInsights"] == "enabled":
            yield f"/aws/ecs/containerinsights/{one.inputs['name']}/performance"
