"""Tasks on a stack: what ECS is asked for, the log that is followed, and the exit status."""

import base64
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner

from ops.automl import images, remote
from ops.automl.cli import app
from ops.automl.stack import Deployed, deployed
from ops.local.errors import LocalRunError

TASK_ARN = "arn:aws:ecs:us-east-1:123456789012:task/automl/0123456789abcdef"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:automl"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
STACK = Deployed(
    cluster="automl",
    subnets=["subnet-1"],
    security_group="sg-1",
    public_address=True,
    capacity_provider="FARGATE_SPOT",
    task_definitions={"train": "arn:aws:ecs:us-east-1:123456789012:task-definition/train:3"},
    repositories={"train": f"{REGISTRY}/train", "predict": f"{REGISTRY}/predict"},
    image_tag="abc",
    architecture="arm64",
    log_groups={"train": "/ecs/train"},
    data_bucket="data",
    state_machine="",
)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(remote, "POLL_SECONDS", 0)


class Clients:
    """boto3's clients with answers, which botocore holds against its models of the services."""

    def __init__(self) -> None:
        self.ecs: Any = boto3.client("ecs")
        self.logs: Any = boto3.client("logs")
        self.stepfunctions: Any = boto3.client("stepfunctions")
        self.stubs = {name: Stubber(client) for name, client in vars(self).items()}
        for stub in self.stubs.values():
            stub.activate()

    def __call__(self, service: str) -> Any:
        return getattr(self, service)

    def task(self, status: str, **more: Any) -> dict[str, Any]:
        return {"tasks": [{"taskArn": TASK_ARN, "lastStatus": status, **more}], "failures": []}

    def lines(self, *lines: str, token: str) -> None:
        """Two pages: the lines, and nothing more."""
        for messages in (lines, ()):
            events = [{"message": line, "timestamp": 0, "ingestionTime": 0} for line in messages]
            self.stubs["logs"].add_response("get_log_events", {"events": events, "nextForwardToken": token})


@pytest.mark.parametrize(
    ("container", "expected"), [({"exitCode": 0}, 0), ({"exitCode": 2}, 2), ({}, 1)], ids=str
)
def test_a_task_is_followed_to_its_end(container: dict[str, int], expected: int) -> None:
    """The command's exit status is the container's; a container that never ran is a failure."""
    clients, said = Clients(), list[str]()
    request = {
        "cluster": "automl",
        "taskDefinition": STACK.task_definitions["train"],
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-1"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "ENABLED",
            }
        },
        "overrides": {"containerOverrides": [{"name": "train", "command": ["train", "2023-01"]}]},
    }
    clients.stubs["ecs"].add_response("run_task", clients.task("PENDING"), request)
    missing = {"tasks": [], "failures": [{"arn": TASK_ARN, "reason": "MISSING"}]}
    clients.stubs["ecs"].add_response("describe_tasks", missing)  # it is not known everywhere yet
    clients.stubs["logs"].add_client_error("get_log_events", "ResourceNotFoundException")
    clients.stubs["ecs"].add_response("describe_tasks", clients.task("PENDING"))
    clients.stubs["logs"].add_client_error("get_log_events", "ResourceNotFoundException")
    clients.stubs["ecs"].add_response("describe_tasks", clients.task("RUNNING"))
    clients.lines("round 50", token="one")
    ended = clients.task("STOPPED", stoppedReason="over", containers=[container])
    clients.stubs["ecs"].add_response("describe_tasks", ended)
    clients.lines("round 100", token="two")
    assert remote.run_task(STACK, "train", ["2023-01"], clients, said.append) == expected
    assert said[:3] == [TASK_ARN, "round 50", "round 100"]
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("status", "expected"), [("SUCCEEDED", 0), ("FAILED", 1)])
def test_an_execution_is_followed_to_its_end(status: str, expected: int) -> None:
    """With its states, and the log of each task that it starts."""
    clients, said = Clients(), list[str]()
    machines = clients.stubs["stepfunctions"]
    execution, then = (
        MACHINE.replace(":stateMachine:", ":execution:") + ":one",
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    started = {"Tasks": [{"TaskArn": TASK_ARN, "Containers": [{"Name": "train"}]}]}
    submitted = {"resourceType": "ecs", "resource": "runTask.sync", "output": json.dumps(started)}
    events = [
        {
            "id": 1,
            "timestamp": then,
            "type": "TaskStateEntered",
            "stateEnteredEventDetails": {"name": "Train"},
        },
        {"id": 2, "timestamp": then, "type": "TaskSubmitted", "taskSubmittedEventDetails": submitted},
    ]
    request = {"stateMachineArn": MACHINE, "input": '{"trials": 3}'}
    machines.add_response("start_execution", {"executionArn": execution, "startDate": then}, request)
    for now in ("RUNNING", "RUNNING", status):
        found = {"executionArn": execution, "stateMachineArn": MACHINE, "startDate": then, "status": now}
        machines.add_response("describe_execution", found)
        machines.add_response("get_execution_history", {"events": events})
    clients.lines("round 50", token="one")
    clients.lines("round 100", token="two")
    stack = replace(STACK, state_machine=MACHINE)
    assert remote.run_machine(stack, {"trials": 3}, clients, said.append) == expected
    assert said == [execution, "Train", "round 50", "round 100", status]
    clients.stubs["logs"].assert_no_pending_responses()


def test_a_task_that_is_known_no_longer() -> None:
    clients = Clients()
    clients.stubs["ecs"].add_response("run_task", clients.task("PENDING"))
    for _ in range(12):
        clients.stubs["ecs"].add_response("describe_tasks", {"tasks": [], "failures": []})
        clients.stubs["logs"].add_client_error("get_log_events", "ResourceNotFoundException")
    with pytest.raises(LocalRunError, match="ECS does not know arn:aws:ecs"):
        remote.run_task(STACK, "train", [], clients, print)


def test_no_capacity() -> None:
    clients = Clients()
    failures = [{"arn": "x", "reason": "Capacity is unavailable at this time"}]
    clients.stubs["ecs"].add_response("run_task", {"tasks": [], "failures": failures})
    with pytest.raises(LocalRunError, match=r"Capacity is unavailable .* try again"):
        remote.run_task(STACK, "train", [], clients, print)


def test_no_state_machine() -> None:
    with pytest.raises(LocalRunError, match="pulumi config set automlStateMachine true"):
        remote.run_machine(STACK, {}, Clients(), print)


def test_images_are_pushed_where_they_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's password goes to Docker's standard input, not into its arguments."""
    said = tmp_path / "said"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@" >> {said}\n[ "$1" != login ] || cat >> {said}\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    ecr: Any = boto3.client("ecr")
    with Stubber(ecr) as stub:
        stub.add_response("describe_images", {"imageDetails": [{"imageDigest": "sha256:1"}]})
        stub.add_client_error("describe_images", "ImageNotFoundException")
        token = base64.b64encode(b"AWS:a-password").decode()
        stub.add_response("get_authorization_token", {"authorizationData": [{"authorizationToken": token}]})
        assert images.push(STACK, "automl:abc", ecr) == [f"{REGISTRY}/predict:abc"]
    assert said.read_text().splitlines() == [
        f"login --username AWS --password-stdin {REGISTRY}",
        f"a-passwordtag automl:abc {REGISTRY}/predict:abc",
        f"push {REGISTRY}/predict:abc",
    ]
    with pytest.raises(LocalRunError, match="this checkout's is other; run `pulumi up`"):
        images.push(STACK, "automl:other", ecr)


@mock_aws
def test_months_go_where_tasks_look_for_them(tmp_path: Path) -> None:
    s3: Any = boto3.client("s3")
    s3.create_bucket(Bucket="data")
    paths = [tmp_path / "green_tripdata_2023-01.parquet", tmp_path / "rides.csv"]
    for path in paths:
        path.write_bytes(b"x")
    keys = images.upload(paths, "data", s3)
    assert keys == ["raw/green/2023-01.parquet", "uploads/rides.csv"]
    assert {one["Key"] for one in s3.list_objects_v2(Bucket="data")["Contents"]} == set(keys)


def test_a_stack_without_automl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho '{}'\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    result = CliRunner().invoke(app, ["outputs", "--stack", "dev"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "pulumi config set automl true" in result.stderr
    pulumi.write_text(f"#!/bin/sh\necho '{json.dumps({'automl': vars(STACK)})}'\n")
    assert deployed("dev") == STACK


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "2023-01"], "give either --stack or --local"),
        (["machine", "--local", "--stack", "dev"], "give either --stack or --local"),
        (["machine", "not JSON", "--local"], "the input: got 'not JSON', allowed: a JSON object"),
        (["machine", "[1]", "--local"], "the input: got '[1]', allowed: a JSON object"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_mistakes_are_one_line(words: list[str], message: str) -> None:
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr
