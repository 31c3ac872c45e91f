"""The workers beside the workstation: their group, who reaches them, what they share, what is refused."""

import base64
from typing import Any

import pytest
import yaml

from components.settings import Settings
from components.workstation.environment import locks
from tests.components.refusals import refused
from tests.components.test_workstation import AUTO_SCALING, Run, files, instance, statements, workstation

__all__ = ["workstation"]  # the fixture

WORKERS = {"workstationWorkersMax": "4", "nat": "instance"}


@pytest.fixture
def deployed(workstation: Run) -> Any:
    return workstation(private_egress=True, workstationWorkersMin="1", **WORKERS)


def template(deployed: Any) -> Any:
    return deployed.one("LaunchTemplate").inputs


def group(deployed: Any) -> Any:
    return deployed.one("aws:autoscaling/group:Group").inputs


def test_there_are_none_by_default(workstation: Run) -> None:
    """Nor files, nor a word of them in what the workstation gets."""
    deployed = workstation()
    for kind in ("LaunchTemplate", "aws:autoscaling/group:Group", "efs"):
        assert not deployed.all(kind), kind
    assert not {"host/jobs.py", "host/shared.sh"} & files(deployed).keys()
    assert "SHARED_FILE_SYSTEM" not in files(deployed)["workstation.env"]


def test_the_group_keeps_to_least_and_most(deployed: Any) -> None:
    made = group(deployed)
    assert (made["minSize"], made["maxSize"]) == (1, 4)
    assert made["vpcZoneIdentifiers"] == ["subnet-private"]
    assert "desiredCapacity" not in made, "who asks for workers moves it"
    assert made["suspendedProcesses"] == ["AZRebalance"]


def test_a_worker_is_locked_down(deployed: Any) -> None:
    """No public address, the metadata service's version 2 alone, an encrypted volume, a profile."""
    made = template(deployed)
    (interface,) = made["networkInterfaces"]
    (device,) = made["blockDeviceMappings"]
    assert interface["associatePublicIpAddress"] == "false"
    assert made["metadataOptions"]["httpTokens"] == "required"
    assert (device["ebs"]["encrypted"], device["ebs"]["volumeSize"]) == ("true", 50)
    assert made["iamInstanceProfile"]["arn"]
    assert "keyName" not in made
    assert {one["resourceType"] for one in made["tagSpecifications"]} == {
        *("instance", "volume", "network-interface")
    }
    for one in made["tagSpecifications"]:
        assert one["tags"]["Environment"] == "dev"


@pytest.mark.parametrize("percent", [0, 50, 100])
def test_some_may_be_spot(workstation: Run, percent: int) -> None:
    deployed = workstation(private_egress=True, workstationWorkersOnDemandPercent=str(percent), **WORKERS)
    policy = group(deployed)["mixedInstancesPolicy"]
    assert policy["instancesDistribution"]["onDemandPercentageAboveBaseCapacity"] == percent
    assert policy["instancesDistribution"]["spotAllocationStrategy"] == "price-capacity-optimized"


def test_nobody_reaches_a_worker(deployed: Any) -> None:
    """The rules inwards let workers and workstation into MLflow and the files, and nobody to them."""
    (interface,) = template(deployed)["networkInterfaces"]
    (own,) = interface["securityGroups"]
    inwards = {
        (one.inputs["securityGroupId"], one.inputs["fromPort"])
        for one in deployed.all("SecurityGroupIngressRule")
    }
    assert {port for _, port in inwards} == {2049, 5000}
    assert own not in {target for target, _ in inwards}
    outwards = {
        one.inputs["fromPort"]
        for one in deployed.all("SecurityGroupEgressRule")
        if one.inputs["securityGroupId"] == own
    }
    assert outwards == {443, 2049, 5000}


def test_both_roles_share_files_over_tls(deployed: Any) -> None:
    """Through the one access point, whose user is the one that runs kernels and jobs."""
    assert deployed.one("FileSystem").inputs["encrypted"] is True
    point = deployed.one("AccessPoint").inputs
    assert point["posixUser"] == {"uid": 1500, "gid": 1500}
    allowed, denied = deployed.one("FileSystemPolicy").inputs["policy"]["Statement"]
    assert len(allowed["Principal"]["AWS"]) == 2
    assert "elasticfilesystem:AccessPointArn" in allowed["Condition"]["ArnEquals"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    for role in ("workstation-workstation", "workstation-worker"):
        assert statements(deployed, role)["MountSharedFiles"]["Resource"] == allowed["Resource"]


def test_a_worker_may_end_itself_alone(deployed: Any) -> None:
    leave = statements(deployed, "workstation-worker-leave")["Leave"]
    assert leave["Action"] == ["autoscaling:TerminateInstanceInAutoScalingGroup"]
    assert leave["Resource"] == [f"{AUTO_SCALING}:u:autoScalingGroupName/workers"]


def test_a_worker_gets_what_runs_jobs(deployed: Any) -> None:
    """The same code, packages and secret as the workstation; neither JupyterLab nor a checkpoint."""
    packed = files(deployed, "workstation-worker-files")
    shared = {"host/jobs.py", "host/shared.sh", "host/secrets.sh", "host/code.sh", "host/environment.sh"}
    assert shared | {"host/worker.sh", "host/leave.sh", "systemd/worker-jobs.service"} <= packed.keys()
    assert not [name for name in packed if "jupyter" in name or "checkpoint" in name]
    assert shared <= files(deployed).keys()
    for environment in (packed["workstation.env"], files(deployed)["workstation.env"]):
        assert "SHARED_FILE_SYSTEM='workstation-files-id'" in environment
        assert "IDLE_MINUTES='30'" in environment
    boot = yaml.safe_load(base64.b64decode(template(deployed)["userData"]))
    assert boot["runcmd"] == [["systemctl", "enable", "--now", "worker.service"]]
    assert "/platform/worker.tar.gz" not in instance(deployed)["userData"]


def test_packages_fit_the_workers_type() -> None:
    settings = Settings.from_config(
        {"workstationEnvironment": "tensorflow", "workstationVolumeGib": "100"}
    ).workstation
    assert locks(settings, "g4dn.xlarge") == ("cpu", "tensorflow-cuda")
    assert locks(settings, "t3.medium") == ("cpu", "tensorflow")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"workstationWorkersMin": "5", **WORKERS},
            "workstationWorkersMin: got 5, allowed: up to workstationWorkersMax (4)",
        ),
        (
            {"workstationWorkersMin": "1"},
            "workstationWorkersMin: got 1, allowed: up to workstationWorkersMax",
        ),
        ({"workstationWorkersMax": "101"}, "workstationWorkersMax: got '101', allowed"),
        (
            {"workstation": "true", "workstationWorkersMax": "2", "nat": "none"},
            "workstationWorkersMax: got 2 with nat 'none', and workers have no public address",
        ),
        (
            {"workstationWorkerInstanceType": "g4dn.xlarge", **WORKERS},
            "workstationVolumeGib: got 50 with workstationWorkerInstanceType g4dn.xlarge",
        ),
        (
            {"workstationWorkerInstanceType": "p3.2xlarge", **WORKERS},
            "workstationWorkerInstanceType: got 'p3.2xlarge', whose GPU has no driver",
        ),
        ({"workstationWorkersOnDemandPercent": "101"}, "workstationWorkersOnDemandPercent: got '101'"),
    ],
)
def test_what_is_refused(config: dict[str, str], message: str) -> None:
    (line,) = refused(config)
    assert message in line


def test_zones_must_offer_both_types() -> None:
    config = {"workstation": "true", "workstationWorkerInstanceType": "m7g.large", **WORKERS}
    assert Settings.from_config(config).workstation.instance_types == ("t3.medium", "m7g.large")
