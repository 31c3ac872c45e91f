"""The NAT instance: what it runs, where, and how it comes back."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.components.conftest import Deploy, Deployed
from tests.components.networks import made
from tests.components.watching import TOPIC, WARNINGS

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "cloud-config.json").read_text())


def test_the_nat_instance_forwards_for_the_private_subnets_alone(deploy: Deploy) -> None:
    deployed = made(deploy, nat="instance")
    instance = deployed.one("Instance").inputs
    assert instance["instanceType"] == "t4g.nano"
    assert instance["sourceDestCheck"] is False
    assert instance["metadataOptions"]["httpTokens"] == "required"
    assert instance["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert instance["rootBlockDevice"] == {"encrypted": True, "volumeType": "gp3"}
    rules = nat_files(deployed)[0]["/etc/nat.nft"]
    assert "ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade" in rules
    sources = [one.inputs["cidrIpv4"] for one in deployed.all("SecurityGroupIngressRule")]
    assert sorted(sources) == ["10.0.3.0/24", "10.0.4.0/24"]
    private = [one for one in deployed.all("Route") if "private" in one.name]
    assert len(private) == 2
    assert all("networkInterfaceId" in one.inputs for one in private)


def nat_files(deployed: Deployed) -> tuple[dict[str, str], dict[str, Any]]:
    config = yaml.safe_load(deployed.one("Instance").inputs["userData"])
    jsonschema.Draft4Validator(SCHEMA).validate(config)
    return {file["path"]: file["content"] for file in config["write_files"]}, config


def test_the_nat_instance_has_memory_to_install_with(deploy: Deploy) -> None:
    """dnf is killed on 512 MiB; cloud-init makes the swap before it runs any command."""
    _, config = nat_files(made(deploy, nat="instance"))
    assert config["swap"] == {"filename": "/swapfile", "size": "1G"}


def test_the_nat_instance_tries_until_it_forwards(deploy: Deploy, tmp_path: Path) -> None:
    files, _ = nat_files(made(deploy, nat="instance"))
    unit = files["/etc/systemd/system/nat.service"].splitlines()
    assert {"Restart=on-failure", "StartLimitIntervalSec=0", "WantedBy=multi-user.target"} <= set(unit)
    for program, code in (("dnf", 1), ("sysctl", 0)):
        (tmp_path / program).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / program).chmod(0o755)
    script = tmp_path / "nat"
    script.write_text(files["/usr/local/sbin/nat"])

    def run() -> int:
        return subprocess.run(["/bin/bash", script], env={"PATH": str(tmp_path)}, check=False).returncode

    assert run() != 0, "a mirror that does not answer must fail the unit, which starts it again"
    (tmp_path / "nft").write_text("#!/bin/sh\n")
    (tmp_path / "nft").chmod(0o755)
    assert run() == 0, "a package that is there is not installed again"


def test_nat_instance_recovers(deploy: Deploy) -> None:
    """And people reach it by Systems Manager alone."""
    deployed = made(deploy, nat="instance")
    assert deployed.one("Instance").inputs["iamInstanceProfile"] == "mlops-taxi-prediction-nat-instance-dev"
    [statement] = deployed.one("RolePolicy").inputs["policy"]["Statement"]
    assert "ssmmessages:OpenDataChannel" in statement["Action"]
    actions = {one.inputs["metricName"]: one.inputs["alarmActions"] for one in deployed.all("MetricAlarm")}
    assert actions == {
        "CPUUtilization": [WARNINGS],
        "CPUCreditBalance": [WARNINGS],
        "StatusCheckFailed_System": ["arn:aws:automate:us-east-1:ec2:recover", TOPIC],
        "StatusCheckFailed_Instance": ["arn:aws:automate:us-east-1:ec2:reboot", TOPIC],
    }


@pytest.mark.parametrize(("type_", "architecture"), [("t4g.nano", "arm64"), ("t3.nano", "x86_64")])
def test_the_nat_instance_runs_the_image_of_its_architecture(
    deploy: Deploy, type_: str, architecture: str
) -> None:
    deployed = made(deploy, nat="instance", nat_instance_type=type_)
    [asked] = [args["name"] for token, args in deployed.invoked if "getParameter" in token]
    assert asked.endswith(f"al2023-ami-kernel-default-{architecture}")


def test_the_nat_instance_has_standard_credits(deploy: Deploy) -> None:
    instance = made(deploy, nat="instance").one("Instance").inputs
    assert instance["creditSpecification"] == {"cpuCredits": "standard"}
