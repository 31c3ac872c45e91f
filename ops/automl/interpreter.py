"""A state machine on this machine: moto interprets the definition, and each task on ECS is a process here.

moto's interpreter is that of LocalStack. Of `ecs:runTask.sync` it has only the syntax: what it asks of ECS is
answered here, a task that ends with an exit code other than 0 or never starts failing the state, as on AWS.
"""

import json
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, cast
from unittest.mock import patch
from uuid import uuid4

import boto3
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_ecs import (
    StateTaskServiceEcs,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeFailureError,
    HeartbeatEndpoint,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

REGION, ACCOUNT = "us-east-1", "123456789012"
ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
_POLL_SECONDS = 0.2

Start = Callable[[list[str], Mapping[str, str]], "subprocess.Popen[bytes] | None"]


class Tasks:
    """ECS: a task is a process, which `start` makes of a container's command and variables.

    `start` gives None for a task that is stopped before its container starts.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._running: dict[str, subprocess.Popen[bytes] | None] = {}

    def run(self, parameters: Mapping[str, Any]) -> str:
        """Starts a task as RunTask's parameters say; gives its ARN."""
        (overrides,) = parameters["Overrides"]["ContainerOverrides"]
        arn = ARN.format("ecs", f"task/automl/{uuid4().hex}")
        variables = {each["Name"]: each["Value"] for each in overrides.get("Environment", ())}
        self._running[arn] = self._start(overrides["Command"], variables)
        return arn

    def stopped(self, arn: str) -> dict[str, Any] | None:
        """What DescribeTasks says of a task that has stopped; None while it runs."""
        process = self._running[arn]
        if process is None:
            return {"TaskArn": arn, "StopCode": "TaskFailedToStart", "Containers": [{}]}
        code = process.poll()
        if code is None:
            return None
        container = {"ExitCode": code if code >= 0 else 128 - code}
        return {"TaskArn": arn, "StopCode": "EssentialContainerExited", "Containers": [container]}

    def stop(self) -> None:
        """Ends what still runs, as Step Functions stops the task of a state that timed out."""
        for process in self._running.values():
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def execute(definition: Mapping[str, Any], entry: Any, start: Start) -> dict[str, Any]:
    """Runs an execution to its end; gives what DescribeExecution says, and its history as `events`.

    Args:
        definition: The state machine; its topic has to be `automl` in this account.
        entry: The input.
        start: Makes a process of a container's command and variables.
    """
    tasks = Tasks(start)
    with _interpreter(tasks) as endpoint:
        keys: dict[str, Any] = {
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
            "region_name": REGION,
        }
        machines: Any = boto3.client("stepfunctions", endpoint_url=endpoint, **keys)
        boto3.client("sns", endpoint_url=endpoint, **keys).create_topic(Name="automl")
        made = machines.create_state_machine(
            # moto keeps one of the same name, and its definition, from an execution before
            name=f"automl-{uuid4().hex[:8]}",
            definition=json.dumps(definition),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/automl",
        )
        begun = machines.start_execution(
            stateMachineArn=made["stateMachineArn"], name=f"local-{uuid4().hex[:8]}", input=json.dumps(entry)
        )
        try:
            while True:
                found: dict[str, Any] = machines.describe_execution(executionArn=begun["executionArn"])
                if found["status"] != "RUNNING":
                    break
                time.sleep(_POLL_SECONDS)
            history = machines.get_execution_history(executionArn=begun["executionArn"])
        finally:
            tasks.stop()
    return {**found, "events": history["events"]}


@contextmanager
def _interpreter(tasks: Tasks) -> Iterator[str]:
    """Step Functions and SNS on a port of this machine."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line for each request
    # Else a page of moto's own objects for a state that fails, of which the execution's cause tells.
    logging.getLogger("moto.stepfunctions.parser.asl").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    executing = {**default_user_config["stepfunctions"], "execute_state_machine": True}

    def run(_self: Any, env: Any, *, normalised_parameters: dict[str, Any], **_more: Any) -> None:
        env.stack.append(tasks.run(normalised_parameters))

    def wait(_self: Any, env: Any, **_more: Any) -> Callable[[], Any]:
        arn = env.stack.pop()
        return lambda: _succeeded(env, tasks.stopped(arn))

    waited_for = StateTaskServiceEcs._eval_sync

    def without_token(self: Any, **more: Any) -> Any:
        """moto also listens for a token, which the end of a first attempt has answered for the second."""
        with _listening(more["heartbeat_endpoint"]) as is_silent:
            told = _or_as_told(more["sync_resolver"], more["callback_endpoint"])
            resolve = _unless(is_silent, tasks, more["env"], told)
            return waited_for(self, **{**more, "callback_endpoint": None, "sync_resolver": resolve})

    try:
        with (
            patch.dict(os.environ, {"MOTO_PORT": str(port)}),
            patch.dict(default_user_config, {"stepfunctions": executing}),
            patch.object(StateTaskServiceEcs, "_eval_service_task", run),
            patch.object(StateTaskServiceEcs, "_build_sync_resolver", wait),
            patch.object(StateTaskServiceEcs, "_eval_sync", without_token),
        ):
            yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def _listening(endpoint: HeartbeatEndpoint | None) -> Iterator[Callable[[], bool]]:
    """Whether no heartbeat came for as long as the state allows."""
    over, silent = Event(), Event()

    def listen(heartbeats: HeartbeatEndpoint) -> None:
        while not over.is_set():
            if not heartbeats.clear_and_wait():
                silent.set()
                return

    if endpoint:
        Thread(target=listen, args=[endpoint], daemon=True).start()
    try:
        yield silent.is_set
    finally:
        over.set()
        if endpoint:
            cast(Any, endpoint).notify()  # has no types


def _unless(
    is_silent: Callable[[], bool], tasks: Tasks, env: Any, resolve: Callable[[], Any]
) -> Callable[[], Any]:
    """What `resolve` finds, until the task is silent: then it is stopped, and the state fails."""

    def found() -> Any:
        if not is_silent():
            return resolve()
        tasks.stop()
        name = StatesErrorNameType.StatesHeartbeatTimeout
        raise FailureEventException(_failed(env, name, {"heartbeats": "none"}))

    return found


def _or_as_told(resolve: Callable[[], Any], endpoint: CallbackEndpoint) -> Callable[[], Any]:
    """What `resolve` finds; a task that failed does so with the error that it sent by its token, if any."""

    def found() -> Any:
        try:
            return resolve()
        except FailureEventException:
            sent = endpoint.get_outcome()
            if isinstance(sent, CallbackOutcomeFailure):
                raise CallbackOutcomeFailureError(sent) from None
            raise

    return found


def _succeeded(env: Any, task: dict[str, Any] | None) -> dict[str, Any] | None:
    """The task, which fails the state unless its container ended well."""
    if task and any(one.get("ExitCode") != 0 for one in task["Containers"]):
        raise FailureEventException(_failed(env, StatesErrorNameType.StatesTaskFailed, task))
    return task


def _failed(env: Any, name: StatesErrorNameType, cause: Mapping[str, Any]) -> FailureEvent:
    details = TaskFailedEventDetails(
        resourceType="ecs", resource="runTask.sync", error=name.to_name(), cause=json.dumps(cause)
    )
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=name),
        event_type=HistoryEventType.TaskFailed,
        event_details=cast(EventDetails, {"taskFailedEventDetails": details}),
    )
