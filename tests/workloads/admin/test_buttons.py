"""What buttons start: the workloads' own commands, with a real MLflow behind them, and redrives."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.workloads.admin.conftest import Stack
from tests.workloads.admin.pages import ENVIRONMENT
from workloads.admin.jobs import Runner
from workloads.admin.settings import Settings
from workloads.delivery.response import InvocationResult


def until(done: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def finished(runner: Runner) -> str:
    until(lambda: runner.job and not runner.job.running)
    assert runner.job
    return runner.job.said


@pytest.fixture
def runner() -> Runner:
    return Runner(Settings.of({**ENVIRONMENT, "MODEL_NAME": "given"}))


def test_command_sees_the_settings(runner: Runner, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it would be found wrong: a version of the model that the settings name."""
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    given = Runner(Settings.of({**ENVIRONMENT, "MODEL_NAME": "given", "MLFLOW_TRACKING_URI": store}))
    assert given.start("Promote", "admin", ["workloads.training", "promote", "7", "--json"])
    assert finished(given).startswith("training: given: version 7 cannot be had from MLflow")
    assert given.job
    assert not given.job.succeeded


def test_one_command_at_a_time(runner: Runner) -> None:
    assert runner.start("Serve", "admin", ["http.server", "--bind", "127.0.0.1", "0"])
    assert not runner.start("Again", "admin", ["this"])
    runner.stop()
    assert finished(runner) == "stopped"


def test_redrive_empties_the_queue(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    invoked: list[Any] = []

    def invoke(_self: object, _function: str, event: bytes) -> InvocationResult:
        invoked.append(json.loads(event))
        return InvocationResult.returned({"batchItemFailures": []})

    monkeypatch.setattr("workloads.delivery.clients.Clients.invoke", invoke)
    place = stack.kinesis.put_record(StreamName="rides", Data=b"{}", PartitionKey="k")
    arn = stack.kinesis.describe_stream_summary(StreamName="rides")["StreamDescriptionSummary"]["StreamARN"]
    info = {
        "streamArn": arn,
        "shardId": place["ShardId"],
        "startSequenceNumber": place["SequenceNumber"],
        "endSequenceNumber": place["SequenceNumber"],
        "batchSize": 1,
    }
    context = {"functionArn": "arn:aws:lambda:us-east-1:123456789012:function:predictor", "condition": "x"}
    body = json.dumps({"requestContext": context, "KinesisBatchInfo": info})
    stack.sqs.send_message(QueueUrl=stack.queue, MessageBody=body)
    assert stack.admin.post("/dead-letters/redrive").status_code == 302
    redriving = stack.admin.client.application.extensions["platform"].redriving
    until(lambda: not redriving.last.running)
    assert redriving.last.error == ""
    assert "1 of 1 batches redriven" in stack.admin.get("/dead-letters").text
    assert len(invoked) == 1
    attributes = stack.sqs.get_queue_attributes(QueueUrl=stack.queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
