"""How requests reach the tasks: two target groups, of which ECS gives one to each deployment in turn."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.entry import Entry

PORT = 8000
PATH = "/predict"
_PRIORITY = 5  # before the rules of Airflow and MLflow, which take whole hosts where there is a domain
_COLOURS = ("blue", "green")


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The target groups of two deployments, and the rule that chooses between them."""

    blue: aws.lb.TargetGroup
    green: aws.lb.TargetGroup
    rule: aws.lb.ListenerRule


def route(name: str, entry: Entry, *, parent: pulumi.Resource) -> Routing:
    """Sends `PATH` on every host name of the load balancer to the service."""
    blue, green = (_target_group(f"{name}-{colour}", entry.vpc_id, parent) for colour in _COLOURS)
    weights = [{"arn": blue.arn, "weight": 100}, {"arn": green.arn, "weight": 0}]
    # A program that calls cannot sign in on a page: it is told so, and sent nowhere.
    sign_in = [
        {**action, "authenticate_oidc": {**action["authenticate_oidc"], "on_unauthenticated_request": "deny"}}
        for action in entry.sign_in
    ]
    rule = aws.lb.ListenerRule(
        name,
        listener_arn=entry.listener_arn,
        priority=_PRIORITY,
        conditions=[{"path_pattern": {"values": [PATH]}}],
        actions=[*sign_in, {"type": "forward", "forward": {"target_groups": weights}}],  # type: ignore[list-item]
        # ECS moves the weights with each deployment.
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=[f"actions[{len(sign_in)}].forward"]),
    )
    return Routing(blue=blue, green=green, rule=rule)


def _target_group(name: str, vpc_id: pulumi.Input[str], parent: pulumi.Resource) -> aws.lb.TargetGroup:
    return aws.lb.TargetGroup(
        name,
        port=PORT,
        protocol="HTTP",
        target_type="ip",
        vpc_id=vpc_id,
        deregistration_delay=30,
        health_check={
            "path": "/ready",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
