"""The workstation switched on, on every tier: what outlives the instance, and what it costs."""

from typing import Any

import pytest

from ops.costs.estimate import estimate_of
from ops.costs.usage import usage
from ops.engine import Deployment
from ops.engine.changes import changes, snapshots
from ops.engine.report import as_dict
from tests.components.refusals import SSH_KEY

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
