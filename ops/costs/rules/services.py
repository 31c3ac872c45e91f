"""Secrets, keys, schedules, state machines, and what belongs to no service that has a price."""

from collections.abc import Iterator
from decimal import Decimal

from ops.costs.model import Line, Resource
from ops.costs.pricing import DAYS, Free, Pricing, Rules

_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type's name
_MACHINE = "aws:sfn/stateMachine:StateMachine"


def secret(one: Resource, at: Pricing) -> Iterator[Line]:
    """A secret costs by the month; the stack's secrets share the requests of the usage."""
    yield at.line(one, "secret", 1, "secret")
    share = at.usage.secret_requests / len(at.graph.all(_SECRET))
    yield at.line(one, "requests", share, "secret.requests")


def key(one: Resource, at: Pricing) -> Iterator[Line]:
    """A key of one's own costs by the month."""
    yield at.line(one, "key", 1, "kms.key")


def schedule(one: Resource, at: Pricing) -> Iterator[Line]:
    """A schedule costs by its invocations, here at most one a day."""
    yield at.line(one, "invocations", Decimal(DAYS), "scheduler.invocation")


def state_machine(one: Resource, at: Pricing) -> Iterator[Line]:
    """A standard workflow costs by its transitions; the stack's machines share those of the usage."""
    transitions = at.usage.state_transitions / len(at.graph.all(_MACHINE))
    yield at.line(one, "state transitions", transitions, "states.transition")


RULES: Rules = {
    "aws:kms/key:Key": key,
    "aws:scheduler/schedule:Schedule": schedule,
    _SECRET: secret,
    _MACHINE: state_machine,
}
FREE: Free = {
    "aws:iam/instanceProfile:InstanceProfile": "IAM is free",
    "aws:iam/policy:Policy": "IAM is free",
    "aws:iam/role:Role": "IAM is free",
    "aws:iam/rolePolicy:RolePolicy": "IAM is free",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "IAM is free",
    "aws:kms/alias:Alias": "the key is priced",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "the schedules are priced",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "the secret is priced",
    "aws:secretsmanager/secretVersion:SecretVersion": "the secret is priced",
    "pulumi:providers:aws": "is no resource of AWS",
    "random:index/randomBytes:RandomBytes": "is made by Pulumi itself",
    "random:index/randomId:RandomId": "is made by Pulumi itself",
    "random:index/randomPassword:RandomPassword": "is made by Pulumi itself",
    "random:index/randomUuid:RandomUuid": "is made by Pulumi itself",
}
