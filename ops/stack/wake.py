"""Starts at once what a stack's office hours have stopped.

The stack's schedules say what there is to start and by which call, so this knows neither variant nor sizes:
it makes the calls of every schedule whose name ends in `-start`. The next closing time stops it all again.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_TARGET = re.compile(r"arn:aws[a-z-]*:scheduler:::aws-sdk:(?P<service>[a-z0-9]+):(?P<action>[A-Za-z0-9]+)")
_ALREADY = "InvalidDBInstanceState"  # RDS refuses to start what runs; EC2 and ECS do not mind


@dataclass(frozen=True, kw_only=True)
class Started:
    """One call that was made: the schedule's name, and whether AWS had anything to do."""

    name: str
    already_running: bool


def wake(group: str, client: Callable[[str], Any], *, dry_run: bool = False) -> Iterator[Started]:
    """Makes the calls of the schedule group's start schedules; `client` gives a boto3 client by service name.

    Raises:
        ValueError: when the group has no start schedule.
        botocore.exceptions.ClientError: when AWS refuses a call.
    """
    scheduler = client("scheduler")
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
    names = sorted(one["Name"] for page in pages for one in page["Schedules"])
    names = [name for name in names if name.endswith("-start")]
    if not names:
        raise ValueError(f"the schedule group {group} starts nothing; is the stack's schedule office-hours?")
    for name in names:
        target = scheduler.get_schedule(GroupName=group, Name=name)["Target"]
        yield Started(
            name=name.removesuffix("-start"), already_running=not dry_run and not _call(target, client)
        )


def _call(target: dict[str, Any], client: Callable[[str], Any]) -> bool:
    match = _TARGET.fullmatch(target["Arn"])
    if not match:
        raise ValueError(f"the schedule's target {target['Arn']} is not an AWS call")
    service = client(match["service"])
    operation = next(
        method
        for method, name in service.meta.method_to_api_mapping.items()
        if name.lower() == match["action"].lower()
    )
    members = service.meta.service_model.operation_model(
        service.meta.method_to_api_mapping[operation]
    ).input_shape.members
    # The scheduler spells parameters in a case of its own (DbInstanceIdentifier, DesiredCount).
    spelled = {member.lower(): member for member in members}
    parameters = {spelled[key.lower()]: value for key, value in json.loads(target["Input"]).items()}
    try:
        getattr(service, operation)(**parameters)
    except service.exceptions.ClientError as error:
        if error.response["Error"]["Code"].startswith(_ALREADY):
            return False
        raise
    return True
