"""Tasks and executions on a stack: started, followed by their logs until they end, and their exit status."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ops.automl.stack import Deployed
from ops.local.errors import LocalRunError

POLL_SECONDS = 5.0
_MOST_UNKNOWN = 12  # answers in a row; ECS forgets a task an hour after its end
Say = Callable[[str], None]
Clients = Callable[[str], Any]  # boto3's client of a service


def run_task(stack: Deployed, task: str, words: Sequence[str], client: Clients, say: Say) -> int:
    """Runs one task to its end; gives its container's exit code, 1 where it never ran.

    Raises:
        LocalRunError: ECS has no capacity, refuses, or knows the task no longer.
    """
    ecs = client("ecs")
    answer = ecs.run_task(
        cluster=stack.cluster,
        taskDefinition=stack.task_definitions[task],
        capacityProviderStrategy=[{"capacityProvider": stack.capacity_provider, "weight": 1}],
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": stack.subnets,
                "securityGroups": [stack.security_group],
                "assignPublicIp": "ENABLED" if stack.public_address else "DISABLED",
            }
        },
        overrides={"containerOverrides": [{"name": task, "command": [task, *words]}]},
    )
    if answer["failures"] or not answer["tasks"]:
        reasons = ", ".join(str(one.get("reason")) for one in answer["failures"])
        raise LocalRunError(f"ECS starts no task ({reasons}); try again in some minutes")
    arn = answer["tasks"][0]["taskArn"]
    say(arn)
    found = _followed(stack, arn, ecs, _Lines(client("logs"), stack, task, arn), say)
    code = found["containers"][0].get("exitCode")
    say(f"{task} ended: {found.get('stoppedReason', '')} (exit code {code})")
    return 1 if code is None else int(code)


def _followed(stack: Deployed, arn: str, ecs: Any, lines: "_Lines", say: Say) -> Mapping[str, Any]:
    """The task once it has stopped; it may be unknown for a moment after its start."""
    unknown = 0
    while True:
        described = ecs.describe_tasks(cluster=stack.cluster, tasks=[arn])["tasks"]
        for line in lines.new():
            say(line)
        if described and described[0]["lastStatus"] == "STOPPED":
            stopped: Mapping[str, Any] = described[0]
            return stopped
        unknown = 0 if described else unknown + 1
        if unknown == _MOST_UNKNOWN:
            raise LocalRunError(
                f"ECS does not know {arn}; see what it logged with `python -m ops automl logs`"
            )
        time.sleep(POLL_SECONDS)


def run_machine(stack: Deployed, entry: Mapping[str, Any], client: Clients, say: Say) -> int:
    """Runs an execution to its end and says its states and its tasks' logs; gives 0 if it succeeds, else 1.

    Raises:
        LocalRunError: the stack has no state machine.
    """
    if not stack.state_machine:
        raise LocalRunError(
            "the stack has no state machine; run `pulumi config set automlStateMachine true` and `pulumi up`"
        )
    machines = client("stepfunctions")
    arn = machines.start_execution(stateMachineArn=stack.state_machine, input=json.dumps(entry))[
        "executionArn"
    ]
    say(arn)
    seen = 0
    lines: _Lines | None = None
    while True:
        found = machines.describe_execution(executionArn=arn)
        pages = machines.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [event for page in pages for event in page["events"]]
        for line in lines.new() if lines else ():  # before those of the next task
            say(line)
        for event in events[seen:]:
            if "stateEnteredEventDetails" in event:
                say(str(event["stateEnteredEventDetails"]["name"]))
            lines = _begun(stack, event, client) or lines
        seen = len(events)
        if found["status"] != "RUNNING":
            break
        time.sleep(POLL_SECONDS)
    say(f"{found['status']}{': ' + found['cause'] if found.get('cause') else ''}")
    return 0 if found["status"] == "SUCCEEDED" else 1


def recent(stack: Deployed, task: str, minutes: int, client: Clients) -> Iterator[str]:
    """What the task has logged in the last minutes."""
    since = int((time.time() - 60 * minutes) * 1000)
    pages = client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=stack.log_groups[task], startTime=since):
        yield from (event["message"] for event in page["events"])


def _begun(stack: Deployed, event: Mapping[str, Any], client: Clients) -> "_Lines | None":
    """The log of the task that an event of the history is the start of."""
    submitted = event.get("taskSubmittedEventDetails", {})
    if submitted.get("resourceType") != "ecs":
        return None
    (task,) = json.loads(submitted["output"])["Tasks"]
    return _Lines(client("logs"), stack, task["Containers"][0]["Name"], task["TaskArn"])


class _Lines:
    """A task's log, read from where it was read to; it begins to exist with its first line."""

    def __init__(self, logs: Any, stack: Deployed, task: str, arn: str) -> None:
        self._logs = logs
        self._place: dict[str, Any] = {
            "logGroupName": stack.log_groups[task],
            "logStreamName": f"{task}/{task}/{arn.rpartition('/')[2]}",
            "startFromHead": True,
        }

    def new(self) -> Iterator[str]:
        while True:
            try:
                page = self._logs.get_log_events(**self._place)
            except self._logs.exceptions.ResourceNotFoundException:
                return
            yield from (event["message"] for event in page["events"])
            if self._place.get("nextToken") == page["nextForwardToken"]:
                return
            self._place["nextToken"] = page["nextForwardToken"]
