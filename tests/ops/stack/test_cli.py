"""`python -m ops stack redrive` from the outside."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from typer.testing import CliRunner

from ops.event_source_mapping import InvocationResult
from ops.stack.cli import app
from tests.ops.stack.account import Account
from workloads.delivery.clients import Clients

Run = Callable[..., Any]


@pytest.fixture
def run(account: Account, monkeypatch: pytest.MonkeyPatch) -> Run:
    made = mock.Mock(spec=Clients, sqs=account.sqs, kinesis=account.kinesis, invoke=account.invoke)
    monkeypatch.setattr("workloads.delivery.clients.clients", lambda: made)
    return lambda *words: CliRunner().invoke(app, ["redrive", *words])


def test_redrive_of_a_stack(account: Account, run: Run) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    result = run("--stack", "dev")
    assert result.exit_code == 0
    assert "1 of 1 batches redriven (3 records), 0 still in the queue" in result.stdout


def test_json(account: Account, run: Run) -> None:
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


def test_failed_batch_exits_1(account: Account, run: Run) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("boom [red]")
    result = run("--stack", "dev")
    assert result.exit_code == 1
    assert "boom [red]" in result.stdout


def test_dry_run_exits_0(account: Account, run: Run) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    assert run("--stack", "dev", "--dry-run").exit_code == 0


def test_missing_queue_is_one_line(account: Account, run: Run) -> None:
    result = run("--stack", "nowhere")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1


def test_needs_stack_or_queue(account: Account, run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "--stack or --queue-url" in result.output


def test_client_returns_errors_and_throttles(account: Account) -> None:
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
