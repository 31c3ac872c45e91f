"""The workstation switched on, on every tier: what comes, that nothing else changes, and what AWS takes."""

import json
from typing import Any

import pytest

from ops.costs.estimate import estimate_of
from ops.costs.usage import usage
from ops.engine import Deployment
from ops.engine.api import OTHER_TYPES, calls_of, request_problems, unmapped_inputs
from ops.engine.changes import changes, snapshots
from ops.engine.force_new import is_known
from ops.engine.leaks import leaks
from ops.engine.names import clashes
from ops.engine.report import as_dict
from tests.components.refusals import SSH_KEY
from tests.integration.test_policies import RESOURCELESS, ROLE_POLICIES, found

TIERS = ("micro", "learning", "standard", "production")
BASE = {"nat": "instance"}  # workers have no address of their own, and need a way out
ON = {
    **BASE,
    "workstation": "true",
    "workstationReplicaRegion": "eu-west-1",
    "workstationSshCidrs": '["198.51.100.0/24"]',
    "workstationSshPublicKey": SSH_KEY,
    "workstationSpot": "true",
    "workstationHibernation": "true",
    "workstationWorkersMin": "1",
    "workstationWorkersMax": "4",
    "workstationWorkerInstanceType": "c7g.large",
    "workstationWorkersOnDemandPercent": "50",
}
OF_WORKSTATION = "mlops:index:Workstation"


@pytest.fixture(
    params=[pytest.param(tier, marks=pytest.mark.xdist_group(f"workstation-{tier}")) for tier in TIERS]
)
def tier(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def switched_on(tier: str, graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", tier, preview=False, **ON)
    return deployment


def test_nothing_else_changes(tier: str, graph: Any, switched_on: Deployment) -> None:
    """Every resource of before has the inputs of before, and what comes hangs from the component."""
    before, after = (
        {one.urn: one for one in deployment.resources}
        for deployment in (graph("dev", tier, preview=False, **BASE), switched_on)
    )
    assert before.keys() <= after.keys()
    assert all(OF_WORKSTATION in urn for urn in after.keys() - before.keys())
    assert [urn for urn, one in before.items() if one.inputs != after[urn].inputs] == []


def test_a_preview_registers_the_same(tier: str, graph: Any, switched_on: Deployment) -> None:
    preview = graph("dev", tier, preview=True, **ON)
    assert {one.urn for one in preview.resources} == {one.urn for one in switched_on.resources}


def test_aws_accepts_every_input(switched_on: Deployment) -> None:
    own = [one for one in switched_on.resources if OF_WORKSTATION in one.urn and one.custom]
    assert len(own) > 40
    for resource in own:
        if resource.type not in OTHER_TYPES:
            assert calls_of(resource.type) is not None, resource.type
            assert unmapped_inputs(resource.type, resource.inputs) == [], resource.urn
            assert request_problems(resource.type, resource.inputs) == [], resource.urn
        assert is_known(resource.type), resource.type


def test_no_secret_shows_and_two_stacks_share_an_account(
    tier: str, graph: Any, switched_on: Deployment
) -> None:
    assert leaks(switched_on) == []
    assert clashes(switched_on.resources, graph("prod", tier, preview=False, **ON).resources) == []


def test_policies_name_exact_resources(switched_on: Deployment) -> None:
    own = [one for one in switched_on.resources if OF_WORKSTATION in one.urn and one.type in ROLE_POLICIES]
    assert len(own) == 5
    for one in own:
        assert list(found(one.inputs["policy"])) == [], one.urn
        for statement in json.loads(one.inputs["policy"])["Statement"]:
            if "*" in statement["Resource"]:
                assert statement["Sid"] in {*RESOURCELESS, "FindSnapshots"}, one.urn


def test_data_outlives_the_instance(tier: str, graph: Any, switched_on: Deployment) -> None:
    """A key that comes later replaces instance and attachment; volume and buckets stay as they are."""
    without_ssh = {key: value for key, value in ON.items() if "Ssh" not in key}
    before = snapshots(graph("dev", tier, preview=False, **without_ssh))
    replaced = {
        one.urn.rpartition("::")[2]
        for one in changes(before, snapshots(switched_on))
        if one.operation in ("replace", "delete")
    }
    assert replaced == {"workstation", "workstation-data"}
    data = [
        one for one in switched_on.resources if one.type in ("aws:ebs/volume:Volume", "aws:s3/bucket:Bucket")
    ]
    own = [one for one in data if OF_WORKSTATION in one.urn]
    assert [one.protect for one in own] == [tier == "production"] * 5


def test_it_costs_while_it_is_used(switched_on: Deployment) -> None:
    """A hundred hours a month by default, and workers another; its volumes cost all the time."""
    lines = [
        line for line in estimate_of(as_dict(switched_on), usage()).lines if line.component == "Workstation"
    ]
    (instance,) = (line for line in lines if line.price == "ec2.t3.medium")
    assert int(instance.quantity) == 100
    assert instance.unit == "hour"
    volumes = [line.quantity for line in lines if line.price == "ebs.gp3"]
    assert sorted(map(int, volumes)) == [50, 50, 56]  # the last for 830 hours of workers
    workers = [int(line.quantity) for line in lines if line.price == "ec2.c7g.large"]
    assert workers == [415, 415], "half of them on demand, half of them spot"
    assert any(line.price == "ebs.snapshot" for line in lines)
