"""What is worth an alarm on the instances and in what runs on them."""

import itertools
from collections.abc import Mapping

import pulumi

from components.common.data_access import DataAccess
from components.common.instance_alarms import instance_panel
from components.common.monitored import Monitored
from components.orchestration import monitored as shared
from components.orchestration.compose.host import ComposeInstance


def monitored(
    name: str, data: DataAccess, hosts: Mapping[str, ComposeInstance], *, owner: pulumi.Resource
) -> Monitored:
    """Everything that the variant has; Airflow runs on the host `orchestration`."""
    cpu = instance_panel({purpose: host.instance.id for purpose, host in hosts.items()})
    log_groups = [host.log_group_name for host in hosts.values()]
    alarms = itertools.chain.from_iterable(host.alarms for host in hosts.values())
    return Monitored(
        owner=owner,
        name=name,
        alarms=(*alarms, *shared.airflow_alarms("compose"), *shared.model_alarms("compose", data)),
        panels=(*shared.panels(data, *log_groups), cpu, *(host.panel for host in hosts.values())),
        events=tuple(itertools.chain.from_iterable(host.events for host in hosts.values())),
        log_metrics=shared.airflow_log_metrics(hosts["orchestration"].log_group_name),
        queries=shared.queries("compose", *log_groups),
    )
