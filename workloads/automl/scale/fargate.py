"""Dask's workers as tasks of ECS, which the task that trains starts for itself and stops in the end.

Whoever is let in to the scheduler's port can run any code on it, so that the security group admits the tasks
alone. A worker whose scheduler has gone ends by itself.
"""

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workloads.training.errors import TrainingError

_MOST = 10  # tasks that ECS starts in one request


def own_address() -> str:
    """This task's address in the VPC, which ECS's metadata has.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html

    Raises:
        TrainingError: there is no such metadata: this is no task.
    """
    address = os.environ.get("ECS_CONTAINER_METADATA_URI_V4", "")
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - ECS's own, by HTTP
            return str(json.load(answer)["Networks"][0]["IPv4Addresses"][0])
    except (OSError, ValueError, LookupError) as error:
        raise TrainingError(
            f"ECS_CONTAINER_METADATA_URI_V4: got {address!r}, which does not give this task's address "
            f"({error}); leave WORKER_RUN_TASK out where this is no task of ECS"
        ) from error


@contextmanager
def workers(request: Mapping[str, Any], count: int, scheduler: str) -> Iterator[None]:
    """So many tasks as `request` describes, RunTask's own parameters, that work for a scheduler.

    Raises:
        TrainingError: ECS has no capacity for them, or refuses.
    """
    started: list[str] = []
    ecs: Any = boto3.client("ecs")
    try:
        while len(started) < count:
            started += _start(ecs, request, min(_MOST, count - len(started)), scheduler)
        yield
    finally:
        for arn in started:
            with suppress(BotoCoreError, ClientError):  # it ends by itself when its scheduler does
                ecs.stop_task(cluster=request["cluster"], task=arn, reason="the training is over")


def _start(ecs: Any, request: Mapping[str, Any], count: int, scheduler: str) -> list[str]:
    override = {"name": "worker", "command": ["worker", scheduler]}
    try:
        answer = ecs.run_task(**request, count=count, overrides={"containerOverrides": [override]})
    except (BotoCoreError, ClientError) as error:
        raise TrainingError(f"WORKER_RUN_TASK: ECS starts no worker ({error})") from error
    if not answer["tasks"]:
        reasons = ", ".join(str(one.get("reason")) for one in answer["failures"])
        raise TrainingError(
            f"--workers: ECS starts no more ({reasons}); try again in some minutes, or with fewer"
        )
    return [task["taskArn"] for task in answer["tasks"]]
