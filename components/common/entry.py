"""The orchestration's load balancer and cluster, for what is served beside Airflow and MLflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where a service can be put: the cluster, the subnets of its tasks, and the load balancer in front.

    `internet_routes` and `capacity` have to be there before a task can start. `listener_arn` is that of the
    listener which serves: HTTPS where there is a certificate. `load_balancer` is what metrics call it.
    `sign_in` are the actions that a rule begins with, where people sign in at the load balancer. `origin` is
    scheme and host.
    """

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    internet_routes: Sequence[pulumi.Resource]
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    capacity: pulumi.Resource
    listener_arn: pulumi.Output[str]
    load_balancer: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    origin: pulumi.Output[str]
    sign_in: Sequence[Mapping[str, Any]]
