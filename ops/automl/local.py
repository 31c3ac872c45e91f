"""AutoML on this machine: the containers' own commands, with S3 in moto and MLflow in a folder.

What the tasks leave in the bucket is kept in `<folder>/bucket` from one command to the next.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from components.automl.definition import Where, definition
from ops.automl.interpreter import ARN, REGION, execute
from ops.local.environment import machine

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "automl"
HEARTBEAT_SECONDS = 1800  # that the state machine waits for a sign of progress
_PATHS = ("--data", "--input", "--journal", "--output")  # options of the tasks
_KEYS: dict[str, Any] = {
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
    "region_name": REGION,
}


def definition_here(*, timeout_seconds: int, heartbeat_seconds: int) -> dict[str, Any]:
    """The component's state machine, which waits for a second between attempts."""
    document = definition(
        Where(
            cluster_arn=ARN.format("ecs", "cluster/automl"),
            task_definitions={
                task: ARN.format("ecs", f"task-definition/automl-{task}:1")
                for task in ("optimize", "train", "predict")
            },
            subnet_ids=["subnet-1"],
            security_group_id="sg-1",
            public_address=False,
            topic_arn=ARN.format("sns", "automl"),
            timeout_seconds=timeout_seconds,
            heartbeat_seconds=heartbeat_seconds,
        )
    )
    for state in document["States"].values():
        for retry in state.get("Retry", ()):
            retry |= {"IntervalSeconds": 1, "BackoffRate": 1.0}
    return document


def run_task(words: Sequence[str], folder: Path) -> int:
    """One task to its end; gives its exit code."""
    here = list(_from_here(words))
    with environment(folder) as environ:
        return subprocess.run(_command(here), env=environ, cwd=folder, check=False).returncode


def _from_here(words: Sequence[str]) -> Iterator[str]:
    """The words with whole paths: they are meant from where the person is, and the task runs elsewhere."""
    for before, word in pairwise(["", *words]):
        name, equals, value = word.partition("=")
        if before in _PATHS:
            yield _whole(word)
        else:
            yield f"{name}={_whole(value)}" if equals and name in _PATHS else word


def _whole(path: str) -> str:
    return path if path.startswith("s3://") else str(Path(path).resolve())


def run_machine(entry: Mapping[str, Any], folder: Path, *, timeout_seconds: int) -> dict[str, Any]:
    """The three tasks in the order of the state machine; gives the execution."""
    with environment(folder) as environ:
        return execute(
            definition_here(
                timeout_seconds=timeout_seconds,
                heartbeat_seconds=min(HEARTBEAT_SECONDS, timeout_seconds - 1),
            ),
            dict(entry),
            lambda command, variables: subprocess.Popen(
                _command(command), env={**environ, **variables}, cwd=folder
            ),
        )


@contextmanager
def environment(folder: Path) -> Iterator[dict[str, str]]:
    """What a container is told, with a bucket that outlives this process in `folder`."""
    stored = folder / "bucket"
    stored.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    s3: Any = boto3.client("s3", endpoint_url=endpoint, **_KEYS)
    try:
        s3.create_bucket(Bucket=BUCKET)
        for path in sorted(path for path in stored.rglob("*") if path.is_file()):
            s3.upload_file(str(path), BUCKET, str(path.relative_to(stored)))
        yield _variables(endpoint, folder)
    finally:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for each in page.get("Contents", ()):
                path = stored / each["Key"]
                path.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(BUCKET, each["Key"], str(path))
        server.stop()


def _variables(endpoint: str, folder: Path) -> dict[str, str]:
    own = ("MLOPS_DATA_DIR", "MLOPS_CACHE_DIR")
    return {
        **machine(os.environ),
        **{name: os.environ[name] for name in own if name in os.environ},
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "DATA_BUCKET": BUCKET,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "PYTHONPATH": str(ROOT),
        "STUDY_JOURNAL": str(folder / "studies"),
    }


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "workloads.automl", *words]
