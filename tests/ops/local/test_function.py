"""The execution environment answers as Lambda does, also when the function crashes or hangs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.event_source_mapping import InvocationResult
from ops.local.function import ExecutionEnvironment, FunctionSettings, runtime_folder

HANDLER = """
import os, sys, time
calls = 0

def handler(event, context):
    global calls
    calls += 1
    if event == "crash":
        os._exit(3)
    if event == "hang":
        time.sleep(60)
    if event == "raise":
        raise ValueError("bad ride")
    if event == "marshal":
        return object()
    if event == "import":
        import botocore
        try:
            import pandas
        except ModuleNotFoundError:
            return "alone"
    if event == "environment":
        return dict(os.environ)
    print("to the log")
    return {"calls": calls, "name": context.function_name, "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture
def function(tmp_path: Path) -> Iterator[ExecutionEnvironment]:
    package = tmp_path / "task"
    package.mkdir()
    (package / "app.py").write_text(HANDLER)
    settings = FunctionSettings(
        name="predictor", arn="arn:x", handler="app.handler", timeout_seconds=1.0, variables={"OWN": "1"}
    )
    runtime = runtime_folder(tmp_path / "runtime")
    with ExecutionEnvironment(
        settings, package=package, runtime=runtime, aws={"AWS_REGION": "us-east-1"}, log=tmp_path / "log"
    ) as environment:
        yield environment


def call(function: ExecutionEnvironment, event: str) -> InvocationResult:
    return function(json.dumps(event).encode())


def test_process_is_reused(function: ExecutionEnvironment, tmp_path: Path) -> None:
    first, second = (json.loads(call(function, "").payload) for _ in range(2))
    assert (first["calls"], second["calls"], function.cold_starts) == (1, 2, 1)
    assert first["name"] == "predictor"
    assert 0 < first["left"] <= 1000
    assert "to the log" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("crash", "Runtime.ExitError"),
        ("hang", "Sandbox.Timedout"),
        ("raise", "ValueError"),
        ("marshal", "TypeError"),
    ],
)
def test_function_errors(function: ExecutionEnvironment, event: str, kind: str) -> None:
    result = call(function, event)
    assert result.function_error == "Unhandled"
    assert json.loads(result.payload)["errorType"] == kind
    assert call(function, "").function_error is None


def test_timeout_starts_a_new_environment(function: ExecutionEnvironment) -> None:
    call(function, "hang")
    assert json.loads(call(function, "").payload)["calls"] == 1
    assert function.cold_starts == 2


def test_imports_only_zip_and_aws_client(function: ExecutionEnvironment) -> None:
    assert json.loads(call(function, "import").payload) == "alone"


def test_environment_variables(function: ExecutionEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "1")
    environment = json.loads(call(function, "environment").payload)
    assert environment["OWN"] == "1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "predictor"
    assert "SECRET_OF_THE_DEVELOPER" not in environment


def test_import_error(function: ExecutionEnvironment, tmp_path: Path) -> None:
    (tmp_path / "task" / "app.py").write_text("import nothing_like_it")
    result = call(function, "")
    assert json.loads(result.payload)["errorType"] == "ModuleNotFoundError"
