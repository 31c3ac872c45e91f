"""`python -m ops deploy redrive` from the outside."""

import json
from unittest import mock

import pytest
from typer.testing import CliRunner

from ops.deploy.cli import app
from ops.deploy.clients import Clients
from ops.sandbox.mapping import InvocationResult
from tests.ops.deploy.account import Account


@pytest.fixture
def run(account: Account, monkeypatch: pytest.MonkeyPatch):
    made = mock.Mock(spec=Clients, sqs=account.sqs, kinesis=account.kinesis, invoke=account.invoke)
    monkeypatch.setattr("ops.deploy.clients.clients", lambda: made)
    return lambda *words: CliRunner().invoke(app, ["redrive", *words])


def test_a_stacks_queue_is_found_by_its_name_and_emptied(account: Account, run) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    result = run("--stack", "dev")
    assert result.exit_code == 0
    assert "1 of 1 batches redriven (3 records), 0 still in the queue" in result.stdout


def test_json_tells_what_became_of_each_batch(account: Account, run) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    summary = json.loads(run("--queue-url", account.queue, "--json").stdout)
    assert {key: summary[key] for key in ("messages", "redriven", "kept", "records", "lost")} == {
        "messages": 1,
        "redriven": 1,
        "kept": 0,
        "records": 3,
        "lost": 0,
    }
    assert summary["batches"][0]["batch"]["first"] == numbers[0]
    assert summary["batches"][0]["status"] == "redriven"


def test_a_message_that_stays_makes_the_exit_code_1(account: Account, run) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("boom [red]")
    result = run("--stack", "dev")
    assert result.exit_code == 1
    assert "boom [red]" in result.stdout


def test_a_dry_run_exits_0_with_messages_in_the_queue(account: Account, run) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    assert run("--stack", "dev", "--dry-run").exit_code == 0


def test_a_queue_that_does_not_exist_is_one_line_and_exit_code_2(account: Account, run) -> None:
    result = run("--stack", "nowhere")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_stack_or_a_queue_has_to_be_named(account: Account, run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "--stack or --queue-url" in result.output


def test_the_client_tells_a_function_error_from_a_success_and_from_a_throttle(account: Account) -> None:
    class TooManyRequestsError(Exception):
        pass

    functions = mock.Mock()
    functions.exceptions.TooManyRequestsException = TooManyRequestsError
    aws = Clients(sqs=account.sqs, kinesis=account.kinesis, functions=functions)
    body = mock.Mock(read=lambda: b"{}")
    functions.invoke.return_value = {"StatusCode": 200, "Payload": body}
    assert aws.invoke("f", b"").function_error is None
    functions.invoke.return_value = {"StatusCode": 200, "Payload": body, "FunctionError": "Unhandled"}
    assert aws.invoke("f", b"").function_error == "Unhandled"
    functions.invoke.side_effect = TooManyRequestsError
    assert aws.invoke("f", b"").status_code == 429
