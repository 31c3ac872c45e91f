"""What can be stopped and started again, each as the two AWS calls that do it.

EventBridge Scheduler spells the parameters of a call like AWS's Java SDK: `DbInstanceIdentifier`, not the
`DBInstanceIdentifier` of the RDS API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input


@dataclass(frozen=True, kw_only=True)
class Call:
    """An AWS API call in EventBridge Scheduler's spelling: `action` in camel, parameters in Pascal case."""

    service: str
    action: str
    parameters: Mapping[str, Any]

    @property
    def iam_action(self) -> str:
        """The IAM action that allows the call."""
        return f"{self.service}:{self.action[0].upper()}{self.action[1:]}"


@dataclass(frozen=True, kw_only=True)
class Pausable:
    """Something that costs money while it runs; `arn` is what the two calls need rights on."""

    name: str
    arn: Input[str]
    stop: Call
    start: Call


def pausable_instance(name: str, *, instance_id: Input[str], arn: Input[str]) -> Pausable:
    """An EC2 instance; its volumes stay."""
    parameters = {"InstanceIds": [instance_id]}
    return Pausable(
        name=name,
        arn=arn,
        stop=Call(service="ec2", action="stopInstances", parameters=parameters),
        start=Call(service="ec2", action="startInstances", parameters=parameters),
    )


def pausable_service(
    name: str, *, cluster: Input[str], service: Input[str], arn: Input[str], count: int
) -> Pausable:
    """An ECS service, scaled to zero and back to `count` tasks."""
    here = {"Cluster": cluster, "Service": service}
    return Pausable(
        name=name,
        arn=arn,
        stop=Call(service="ecs", action="updateService", parameters={**here, "DesiredCount": 0}),
        start=Call(service="ecs", action="updateService", parameters={**here, "DesiredCount": count}),
    )


def pausable_database(name: str, *, identifier: Input[str], arn: Input[str]) -> Pausable:
    """An RDS instance; its storage stays."""
    parameters = {"DbInstanceIdentifier": identifier}
    return Pausable(
        name=name,
        arn=arn,
        stop=Call(service="rds", action="stopDBInstance", parameters=parameters),
        start=Call(service="rds", action="startDBInstance", parameters=parameters),
    )
