"""What the function writes besides objects: logs, embedded metrics, and what each line carries."""

import importlib
import json
import re
import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import boto3
import pytest

import logs
import predictor as predictor_module
from store import StoreError
from tests.bundles import MODEL, batch, booster, bundle, ride_event

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
UNITS = set(
    boto3.client("cloudwatch", region_name="us-east-1").meta.service_model.shape_for("StandardUnit").enum
)


class Context:
    """What Lambda passes beside the event."""

    function_name = "f"
    memory_limit_in_mb = "256"
    invoked_function_arn = "arn:f"
    aws_request_id = "r-1"


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines on standard output since the last call."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def fresh_logs(monkeypatch: pytest.MonkeyPatch, **environ: str) -> ModuleType:
    """The module as a function with these variables imports it."""
    for name in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "LOG_LEVEL", "REPORTED_METRICS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "logs")
    return importlib.import_module("logs")


@pytest.mark.parametrize("place", range(5))
def test_log_level(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: int) -> None:
    module = fresh_logs(monkeypatch, LOG_LEVEL=LEVELS[place].lower())
    for level in LEVELS:
        module.log(level, "m", extra=1)
    lines = written(capsys)
    assert [line["level"] for line in lines] == LEVELS[place:]
    assert all(
        (line["message"], line["extra"], line["service"]) == ("m", 1, "service_undefined") for line in lines
    )


@pytest.mark.parametrize("environ", [{}, {"LOG_LEVEL": "loud"}])
def test_default_log_level(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str]
) -> None:
    module = fresh_logs(monkeypatch, **environ)
    for level in LEVELS[:2]:
        module.log(level, "m")
    assert [line["level"] for line in written(capsys)] == ["INFO"]


def test_metrics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    module = fresh_logs(monkeypatch, POWERTOOLS_SERVICE_NAME="s", POWERTOOLS_METRICS_NAMESPACE="taxi")
    before = datetime.now(UTC).timestamp() * 1000
    module.metrics({"A": "Count"}, {"A": 2}, note="n")
    (line,) = written(capsys)
    head = line["_aws"]
    assert before - 1 <= head["Timestamp"] <= datetime.now(UTC).timestamp() * 1000
    assert head["CloudWatchMetrics"] == [
        {"Namespace": "taxi", "Dimensions": [["service"]], "Metrics": [{"Name": "A", "Unit": "Count"}]}
    ]
    assert (line["A"], line["note"], line["service"], line["level"], line["message"]) == (
        2,
        "n",
        "s",
        "INFO",
        "batch",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line["timestamp"])
    assert abs(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000 - before) < 60_000


@pytest.mark.parametrize(("reported", "made"), [("", ["A", "B"]), ("B", ["B"]), ("B,C", ["B"])])
def test_reported_metrics(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reported: str, made: list[str]
) -> None:
    """The others stay in the line, where a query finds them."""
    module = fresh_logs(monkeypatch, REPORTED_METRICS=reported)
    module.metrics({"A": "Count", "B": "Count"}, {"A": 1, "B": 2})
    (line,) = written(capsys)
    (definition,) = line["_aws"]["CloudWatchMetrics"]
    assert [metric["Name"] for metric in definition["Metrics"]] == made
    assert definition["Namespace"] == ""  # without one, CloudWatch makes none
    assert (line["A"], line["B"]) == (1, 2)


def test_metrics_of_a_batch(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Their units are CloudWatch's; a batch that has to come again counts as failed alone."""
    bench.bucket.failing = {"predictions": StoreError("503", transient=True)}
    bench.send([ride_event(), b"{}", ride_event()])
    (line,) = [line for line in written(capsys) if "_aws" in line]
    (definition,) = line["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in definition["Metrics"]}
    assert set(units.values()) <= UNITS
    assert units.pop("BatchLatency") == "Milliseconds"
    assert set(units.values()) == {"Count"}
    counts = {name: line[name] for name in units}
    assert counts == {"Records": 3, "FailedBatches": 1} | dict.fromkeys(
        ("Predicted", "Rejected", "Completed", "ModelRefreshFailures"), 0
    )
    assert line["model_version"] is None


def test_batch_latency(
    bench: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter((10.0, 10.0123456))
    monkeypatch.setattr("predictor.time.perf_counter", lambda: next(clock))
    bench.send([])
    assert [line["BatchLatency"] for line in written(capsys) if "_aws" in line] == [12.346]


def test_logs_what_failed(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shadowed = type(bench)(bench.bucket, share=1.0, challenger="challenger")
    bench.bucket.failing = {"predictions": StoreError("PUT answered 503", transient=True)}
    shadowed.send([ride_event()])
    messages = [(line["level"], line["message"]) for line in written(capsys) if "_aws" not in line]
    assert ("ERROR", "the batch has to come again: PUT answered 503") in messages
    left_out = f"the challenger was left out: no model can be served for {MODEL}@challenger"
    assert ("WARNING", left_out) in messages


def test_begin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(logs, "invocation", {})
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3f;Parent=53995c3f42cd8ad8;Sampled=1")
    logs.begin(Context(), cold_start=True, records=batch([ride_event(), ride_event()])["Records"])
    logs.log("ERROR", "m")
    (line,) = written(capsys)
    assert {
        "cold_start": True,
        "function_name": "f",
        "function_memory_size": "256",
        "function_arn": "arn:f",
        "function_request_id": "r-1",
        "first_event": "shardId-000000000000:49000000000000000000001",
        "last_event": "shardId-000000000000:49000000000000000000002",
        "xray_trace_id": "1-5759e988-bd862e3f",
    }.items() <= line.items()
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    logs.begin(Context(), cold_start=False, records=batch([ride_event()])["Records"])
    assert logs.invocation["xray_trace_id"] == "", "where tracing is off"


ENVIRONMENT = {
    "DATA_BUCKET": "data",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "MODEL_NAME": "ride_duration_prediction_model",
    "MODEL_ALIAS": "current",
    "MODEL_CHECK_SECONDS": "60",
}


@pytest.fixture
def served(bench: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The bucket that a function finds, with a current model of version 1 and a shadow of version 2."""
    bench.bucket.objects |= bundle(booster(3), "1", alias="current") | bundle(booster(4), "2", alias="shadow")
    monkeypatch.setattr("s3.Bucket.from_environment", lambda _environ: bench.bucket)
    monkeypatch.setattr(logs, "invocation", {})
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return bench.bucket


def kinds(bucket: Any) -> list[str]:
    """The kinds of objects, in the order of their writing."""
    return [key.split("/")[0] for key in bucket.puts]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ["predictions"]),
        ({"CHALLENGER_ALIAS": "", "CHALLENGER_SHARE": ""}, ["predictions"]),
        ({"CHALLENGER_ALIAS": "shadow", "CHALLENGER_SHARE": "1"}, ["challenger", "predictions"]),
        ({"CHALLENGER_ALIAS": "shadow"}, ["predictions"]),
        ({"CHALLENGER_SHARE": "1"}, ["predictions"]),
    ],
)
def test_from_environment(served: Any, environ: dict[str, str], expected: list[str]) -> None:
    predictor = predictor_module.Predictor.from_environment({**ENVIRONMENT, **environ})
    assert predictor.handle(batch([ride_event()])) == {"batchItemFailures": []}
    assert kinds(served) == expected
    pointers = {key.rpartition("/")[2] for key in served.gets if "/versions/" not in key}
    assert pointers == {"current.json", *(["shadow.json"] if "challenger" in expected else [])}


def test_handler(served: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The model is there before the first batch, and only that one says that it was a cold start."""
    monkeypatch.delitem(sys.modules, "handler", raising=False)
    handler = importlib.import_module("handler")
    assert f"models/{ENVIRONMENT['MODEL_NAME']}/versions/1/model.ubj" in served.gets
    for _ in range(2):
        assert handler.handler(batch([ride_event()]), Context()) == {"batchItemFailures": []}
    assert [line["cold_start"] for line in written(capsys) if "_aws" in line] == [True, False]
    monkeypatch.delitem(sys.modules, "handler")


def test_starts_without_a_model(served: Any, capsys: pytest.CaptureFixture[str]) -> None:
    served.objects.clear()
    predictor_module.Predictor.from_environment(ENVIRONMENT).warm_up()
    assert [line["level"] for line in written(capsys)] == ["ERROR", "WARNING"]


def test_lines_of_every_kind(bench: Any) -> None:
    completed = b'{"ride_id": 7, "event": "completed", "lpep_dropoff_datetime": "2023-03-01T09:00:00"}'
    before = datetime.now(UTC)
    bench.send([b"{}", completed, ride_event(5)])
    (rejected,), (actual,), (predicted,) = map(bench.written, ("rejected", "actuals", "predictions"))
    times = [rejected.pop("rejected_at"), actual.pop("received_at"), predicted.pop("predicted_at")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", time) for time in times)
    assert all(-1 < (datetime.fromisoformat(time) - before).total_seconds() < 60 for time in times)
    assert rejected == {
        "reason": "ride_id must be a string or a 64-bit integer, got None",
        "data": "e30=",
        "sequence_number": "49000000000000000000001",
        "shard_id": "shardId-000000000000",
        "partition_key": "1",
    }
    assert actual == {
        "ride_id": 7,
        "lpep_dropoff_datetime": "2023-03-01T09:00:00",
        "sequence_number": "49000000000000000000002",
    }
    assert predicted["sequence_number"] == "49000000000000000000003"
    assert predicted["prediction"].keys() == {"ride_duration", "ride_id"}
