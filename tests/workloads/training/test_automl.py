"""Starting AutoML's state machine after a training."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from workloads.training.__main__ import app

ROLE = "arn:aws:iam::123456789012:role/one"
DEFINITION = '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
WORDS = ["start-automl", "2025-07", "--validate", "2025-08", "--execution"]
LATER = ["start-automl", "2025-08", "--validate", "2025-09", "--execution"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A state machine's ARN, in the environment too."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("stepfunctions", region_name="eu-west-1")
        arn: str = client.create_state_machine(name="automl", definition=DEFINITION, roleArn=ROLE)[
            "stateMachineArn"
        ]
        monkeypatch.setenv("STATE_MACHINE_ARN", arn)
        yield arn


def test_it_starts_once(machine: str) -> None:
    """A task that Airflow tries again starts no second execution; the region is the machine's own."""
    for words, expected in (
        (WORDS, "training-1 is started"),
        (WORDS, "training-1 is started"),  # while it runs, AWS answers the same
        (LATER, "training-1 has been started before"),
    ):
        result = CliRunner().invoke(app, [*words, "training-1"])
        assert (result.exit_code, result.stdout.strip()) == (0, expected), result.output
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    (execution,) = client.list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"] == "training-1"
    found = client.describe_execution(executionArn=execution["executionArn"])["input"]
    assert json.loads(found) == {"month": "2025-07", "validate": "2025-08"}


@pytest.mark.parametrize(
    ("arn", "name", "code", "message"),
    [
        ("nonsense", "one", 2, "STATE_MACHINE_ARN: got 'nonsense'"),
        ("", "a name", 2, "--execution: got 'a name'"),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:other", "one", 1, "was not started"),
    ],
    ids=["no machine", "no name", "another machine"],
)
def test_what_cannot_be_started(machine: str, arn: str, name: str, code: int, message: str) -> None:
    result = CliRunner(env={"STATE_MACHINE_ARN": arn or machine}).invoke(app, [*WORDS, name])
    assert result.exit_code == code
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
