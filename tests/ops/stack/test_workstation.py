"""`python -m ops workstation` against an account in moto."""

import json
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from ops.stack.workstation_cli import app

TAGS = {
    "Project": "mlops-taxi-prediction",
    "Environment": "dev",
    "Name": "mlops-taxi-prediction-workstation-dev",
}


@pytest.fixture
def instance(aws: None) -> str:
    """A workstation that runs, beside an instance that is none."""
    ec2 = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    for name in ("mlops-taxi-prediction-orchestration-dev", TAGS["Name"]):
        tags: Any = [{"Key": key, "Value": value} for key, value in {**TAGS, "Name": name}.items()]
        made = ec2.run_instances(
            ImageId=image,
            InstanceType="t3.medium",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
    return made["Instances"][0]["InstanceId"]


def run(*words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--stack", "dev"])


def state(instance: str) -> str:
    (group,) = boto3.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return group["Instances"][0]["State"]["Name"]


def test_stop_and_start(instance: str) -> None:
    assert run("stop").stdout == f"{instance}: stopping\n"
    assert state(instance) == "stopped"
    assert run("stop").stdout == f"{instance}: is stopped already\n"
    assert run("start").stdout == f"{instance}: starting\n"
    assert state(instance) == "running"
    assert run("start").stdout == f"{instance}: runs already\n"


def test_status(instance: str) -> None:
    shown = json.loads(run("status", "--json").stdout)
    assert {name: shown[name] for name in ("instance_id", "state", "instance_type", "spot")} == {
        "instance_id": instance,
        "state": "running",
        "instance_type": "t3.medium",
        "spot": False,
    }
    assert len(shown["volumes"]) == 1
    rows = [line.split() for line in run("status").stdout.splitlines()]
    assert ["instance", "id", instance] in rows
    assert ["last", "snapshot", "none"] in rows


@pytest.fixture
def group(aws: None) -> str:
    """A group of at most three workers."""
    name = "mlops-taxi-prediction-workers-dev"
    image = boto3.client("ec2").describe_images()["Images"][0]["ImageId"]
    boto3.client("ec2").create_launch_template(
        LaunchTemplateName="worker", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.medium"}
    )
    boto3.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": "worker"},
        MinSize=0,
        MaxSize=3,
        AvailabilityZones=["us-east-1a"],
    )
    return name


def test_workers_are_asked_for(group: str) -> None:
    assert run("workers", "2").stdout == "workers: 2 asked for, 0 there now\n"
    found = boto3.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    assert found["AutoScalingGroups"][0]["DesiredCapacity"] == 2
    too_many = run("workers", "4")
    assert (too_many.exit_code, too_many.stderr) == (
        2,
        "workstation: got 4 workers, allowed: 0 to 3; change workstationWorkersMin or "
        "workstationWorkersMax, and run pulumi up\n",
    )


def test_without_a_group_nobody_is_asked(aws: None) -> None:
    done = run("workers", "1")
    assert done.exit_code == 2
    assert "stack 'dev' has no workers in this account and region; set workstationWorkersMax" in done.stderr


def test_connect_prints_the_command(instance: str) -> None:
    command = run("connect", "--print", "--port", "6006", "--local-port", "7000").stdout
    assert command == (
        f"aws ssm start-session --region us-east-1 --target {instance} --document-name "
        "AWS-StartPortForwardingSession --parameters portNumber=6006,localPortNumber=7000\n"
    )


def test_connect_runs_the_command(
    instance: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And ends with its exit code; the token is not printed, but where to get it is."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "aws").write_text('#!/bin/sh\n[ "$1 $2" = "ssm start-session" ] && exit 3\n')
    (programs / "aws").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    done = run("connect")
    assert done.exit_code == 3
    assert "JupyterLab: http://localhost:8888" in done.stderr
    assert "--secret-id mlops-taxi-prediction-workstation-dev" in done.stderr


def test_connect_without_the_aws_command(instance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    done = run("connect")
    assert done.exit_code == 2
    assert "the AWS CLI is not installed here" in done.stderr


def test_connect_to_one_that_is_stopped(instance: str) -> None:
    run("stop")
    done = run("connect")
    assert done.exit_code == 2
    assert f"the workstation {instance} is stopped; start it with" in done.stderr


def test_a_stack_without_one(aws: None) -> None:
    done = run("status")
    assert done.exit_code == 2
    assert "stack 'dev' has no workstation in this account and region; set workstation to true" in done.stderr
