"""The zip under Lambda's own Python 3.13 client, with nothing else of this project in reach."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from components.common.paths import ROOT
from components.streaming.lambda_package import LambdaPlatform, build_zip
from tests.bundles import batch, booster, bundle, lines, ride_event
from tests.runtime_api import RuntimeApi, serve

VERSION = "3.13"
LOCK = Path(__file__).parent / "runtime" / "requirements.txt"


@pytest.fixture(scope="module")
def python() -> str:
    """CPython of the function's version: on the PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [
        sys.executable,
        shutil.which(f"python{VERSION}"),
        *map(str, sorted(pyenv.glob(f"versions/{VERSION}.*/bin/python"))),
    ]
    show = "import platform; print(platform.python_implementation(), platform.python_version())"
    for each in filter(None, found):
        done = subprocess.run([each, "-c", show], capture_output=True, text=True, check=False)
        if done.stdout.startswith(f"CPython {VERSION}."):
            return str(each)
    pytest.skip(f"CPython {VERSION} is not installed")


@pytest.fixture(scope="module")
def client() -> Path:
    """The folder with `awslambdaric`, which `make` installs."""
    folder = ROOT / "build" / "lambda" / "runtime"
    if not list(folder.glob("awslambdaric")):
        install = ["pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        place = ["--python-version", VERSION, "--target", str(folder), "--requirements", str(LOCK)]
        subprocess.run([sys.executable, "-m", "uv", *install, *place], check=True)
    return folder


@pytest.fixture(scope="module")
def s3(environment: dict[str, str]) -> Iterator[str]:
    """The address of an S3 with a model."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    bucket = s3_client(url)
    bucket.create_bucket(Bucket=environment["DATA_BUCKET"])
    for key, body in bundle(booster(), "1").items():
        bucket.put_object(Bucket=environment["DATA_BUCKET"], Key=key, Body=body)
    yield url
    server.stop()


def s3_client(url: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@dataclass
class Function:
    """The zip, unpacked, and how its runtime is started."""

    task: Path
    command: list[str]
    environment: dict[str, str]
    ending: ExitStack

    def start(self, *before: str, **variables: str) -> None:
        """Starts the runtime, behind the words of a command that starts it; it ends with the test."""
        process = subprocess.Popen(
            [*before, *self.command],
            cwd=self.task,
            env={**self.environment, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.ending.callback(process.wait)
        self.ending.callback(os.killpg, process.pid, signal.SIGKILL)

    def runtime(self) -> RuntimeApi:
        """Starts the runtime with an API to take its events from."""
        api = self.ending.enter_context(serve())
        self.start(AWS_LAMBDA_RUNTIME_API=api.address)
        return api


@pytest.fixture
def function(
    python: str, client: Path, s3: str, environment: dict[str, str], tmp_path: Path
) -> Iterator[Function]:
    """The function as Lambda has it: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    task = tmp_path / "task"
    platform = LambdaPlatform(architecture=LambdaPlatform.local().architecture, python_version=VERSION)
    zipfile.ZipFile(build_zip(platform)).extractall(task)
    given = {
        **environment,
        "AWS_ENDPOINT_URL": s3,
        "AWS_LAMBDA_FUNCTION_NAME": "predictor",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/predictor",
        "AWS_LAMBDA_LOG_STREAM_NAME": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{VERSION}",
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": "handler.handler",
        "PYTHONPATH": str(client),
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
    # -s -S: no packages of this Python's own are in reach.
    command = [python, "-s", "-S", "-B", "-m", "awslambdaric", "handler.handler"]
    with ExitStack() as ending:
        yield Function(task, command, given, ending)


def predictions(s3: str, name: str) -> list[int]:
    """How many lines each object with predictions has; they are taken away."""
    bucket, found = s3_client(s3), []
    for each in bucket.list_objects_v2(Bucket=name, Prefix="predictions/").get("Contents", ()):
        found.append(len(lines(bucket.get_object(Bucket=name, Key=each["Key"])["Body"].read())))
        bucket.delete_object(Bucket=name, Key=each["Key"])
    return found


def test_batches_become_predictions(function: Function, s3: str) -> None:
    """Two invocations of one environment: the cold one and a warm one."""
    api = function.runtime()
    for first in (1, 101):
        api.send(batch([ride_event()] * 100, first=first))
        assert api.answer() == ("response", {"batchItemFailures": []})
    assert predictions(s3, function.environment["DATA_BUCKET"]) == [100, 100]


def test_a_missing_setting_fails_the_start(function: Function) -> None:
    """The runtime gets a reason, which Lambda then shows in the function's log."""
    del function.environment["DATA_BUCKET"]
    where, error = function.runtime().answer()
    assert where == "error"
    assert "DATA_BUCKET" in error["errorMessage"]


@pytest.mark.skipif(not shutil.which("aws-lambda-rie"), reason="aws-lambda-rie is not on the PATH")
def test_the_emulator_invokes_it(function: Function, s3: str) -> None:
    """https://github.com/aws/aws-lambda-runtime-interface-emulator"""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        front, api = (f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    emulator = str(shutil.which("aws-lambda-rie"))
    function.start(emulator, "--runtime-interface-emulator-address", front, "--runtime-api-address", api)
    transport = httpx.HTTPTransport(retries=10)  # until it listens, each try a little later
    with httpx.Client(transport=transport, timeout=60, trust_env=False) as http:
        url = f"http://{front}/2015-03-31/functions/function/invocations"
        answer = http.post(url, json=batch([ride_event()] * 3))
    assert answer.json() == {"batchItemFailures": []}
    assert predictions(s3, function.environment["DATA_BUCKET"]) == [3]
