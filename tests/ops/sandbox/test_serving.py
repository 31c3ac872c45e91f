"""The parts of an open sandbox: the function, the completions of rides, the account of what others sent."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest

from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.sandbox.account import Ledger
from ops.sandbox.invoke_api import OneAtATime, invoke_api
from ops.sandbox.options import Options
from ops.sandbox.rides import COLUMNS, Replay
from workloads.delivery.response import InvocationResult


def trips(*pickups: str) -> pa.Table:
    """Rides of ten minutes."""
    begun = [datetime.fromisoformat(each) for each in pickups]
    columns: dict[str, Any] = {name: [1] * len(pickups) for name in COLUMNS}
    columns |= {
        "lpep_pickup_datetime": begun,
        "lpep_dropoff_datetime": [each.replace(minute=10) for each in begun],
    }
    return pa.table({name: pa.array(columns[name], kind) for name, kind in COLUMNS.items()})


REPLAY = Replay(trips("2023-03-01T08:00", "2023-03-01T09:00", "2023-03-02T08:00"), "2023-03", 3)


def test_completions_of_a_replay() -> None:
    (chunk,) = REPLAY.completions()
    assert [one["ride_id"] for one in chunk] == [REPLAY.ride_id(n) for n in range(3)]
    assert chunk[0]["event"] == "completed"
    assert chunk[1]["lpep_dropoff_datetime"] == "2023-03-01T09:10:00"


def test_days_that_are_sent_whole() -> None:
    assert REPLAY.days() == [date(2023, 3, 1)]
    assert Replay(trips("2023-03-01T08:00"), "2023-03", 1).days() == [date(2023, 3, 1)]


@pytest.mark.parametrize(
    ("ride_id", "known"),
    [("2023-03-0000002", True), ("2023-03-0000003", False), ("first", False), ("2023-04-0000001", False)],
)
def test_rides_of_others_are_told_apart(ride_id: str, known: bool) -> None:
    assert REPLAY.knows(ride_id) == known


def test_what_others_sent_is_accounted_for() -> None:
    """A record before the checkpoint that is found nowhere is lost, whoever sent it."""
    ledger = Ledger()
    ledger.find("predicted", "shard", [1, 2])
    ledger.find("completed", "shard", [4])
    ledger.send_all_before({"shard": 5})
    account = ledger.account()
    assert (account.sent, account.predicted, account.completed, account.lost) == (4, 2, 1, 1)


def test_invoke_by_arn() -> None:
    """As boto3 asks for it, errors of the function included."""
    answers = [
        InvocationResult.returned({"batchItemFailures": []}),
        InvocationResult(payload=b'{"errorType": "Boom"}', function_error="Unhandled"),
    ]
    seen: list[bytes] = []

    def function(event: bytes) -> InvocationResult:
        seen.append(event)
        return answers.pop(0)

    with invoke_api(OneAtATime(function), "http://127.0.0.1:9") as address:
        client = boto3.client(
            "lambda",
            region_name="us-east-1",
            endpoint_url=address,
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        arn = "arn:aws:lambda:us-east-1:123456789012:function:predictor:live"
        first = client.invoke(FunctionName=arn, Payload=b'{"Records": []}')
        second = client.invoke(FunctionName=arn, Payload=b"{}")
    assert (seen, json.load(first["Payload"])) == ([b'{"Records": []}', b"{}"], {"batchItemFailures": []})
    assert ("FunctionError" in first, second["FunctionError"]) == (False, "Unhandled")


def test_some_processes_are_stopped_and_others_run_on(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with Children(tmp_path) as children:
        feed, server = (children.start(name, sleep, environment={}) for name in ("feed", "server"))
        children.stop(("feed",))
        assert (feed.wait(timeout=30) != 0, server.poll()) == (True, None)


def test_kept_and_open_at_once_is_refused() -> None:
    with pytest.raises(LocalRunError, match="--serve: got --keep too"):
        Options(keep=True, serve=True)
