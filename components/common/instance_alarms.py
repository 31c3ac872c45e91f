"""What is worth an alarm on an EC2 instance, from outside and by the CloudWatch agent inside."""

import re
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.common.account import partition
from components.common.monitored import Alarm, Event, Metric, Panel
from components.common.names import metrics_namespace
from components.common.settings import InstanceSettings

_MEMORY_PERCENT, _SWAP_PERCENT = 90, 80
_FEW_CREDITS = 10  # a vCPU at full speed for ten minutes
_FIVE_MINUTES = 300  # how often EC2 itself reports without detailed monitoring


def instance_alarms(
    purpose: str,
    instance_id: pulumi.Input[str],
    *,
    instance_type: str,
    settings: InstanceSettings,
    parent: pulumi.Resource,
    spot: bool = False,
) -> tuple[Alarm, ...]:
    """The machine, its processor and its credits; `purpose` is what the alarms' names begin with.

    A machine that has failed is left for another, and a system that hangs is rebooted.
    """
    slows = re.match(r"t\d", instance_type) and settings.cpu_credits == "standard"
    return (
        # EC2 recovers no spot instances; their persistent request starts them again.
        *(() if spot else (_recover(purpose, instance_id, parent),)),
        _reboot(purpose, instance_id, parent),
        _busy(purpose, instance_id, settings.instance_cpu_alarm_percent),
        *((_credits(purpose, instance_id),) if slows else ()),
    )


def _recover(purpose: str, instance_id: pulumi.Input[str], parent: pulumi.Resource) -> Alarm:
    return Alarm(
        name=f"{purpose}-recover",
        meaning="the machine under the instance has failed; it moves to another",
        runbook="instance-lost",
        metric=_ec2("StatusCheckFailed_System", instance_id),
        periods=2,
        actions=(_ec2_action("recover", parent),),
        essential=True,
    )


def _reboot(purpose: str, instance_id: pulumi.Input[str], parent: pulumi.Resource) -> Alarm:
    return Alarm(
        name=f"{purpose}-reboot",
        meaning="the instance's system does not answer; it is rebooted",
        runbook="instance-lost",
        metric=_ec2("StatusCheckFailed_Instance", instance_id),
        periods=3,
        actions=(_ec2_action("reboot", parent),),
        essential=True,
    )


def _busy(purpose: str, instance_id: pulumi.Input[str], percent: int) -> Alarm:
    return Alarm(
        name=f"{purpose}-cpu",
        meaning=f"the instance has used over {percent} % of its processor for ten minutes",
        runbook="instance-busy",
        metric=_ec2("CPUUtilization", instance_id, statistic="Average", period_seconds=_FIVE_MINUTES),
        threshold=percent,
        periods=2,
    )


def _credits(purpose: str, instance_id: pulumi.Input[str]) -> Alarm:
    return Alarm(
        name=f"{purpose}-cpu-credits",
        meaning="the instance has hardly any CPU credits left and is about to be slowed down",
        runbook="instance-busy",
        metric=_ec2("CPUCreditBalance", instance_id, statistic="Minimum", period_seconds=_FIVE_MINUTES),
        threshold=_FEW_CREDITS,
        comparison="<",
        periods=3,
    )


def agent_alarms(
    purpose: str, instance_id: pulumi.Input[str], settings: InstanceSettings, *, swap: bool
) -> tuple[Alarm, ...]:
    """What only the instance's own CloudWatch agent sees, in the stack's own namespace."""
    full = {
        "disk": (
            settings.instance_disk_alarm_percent,
            "the instance's disk is nearly full",
            "disk-full",
            True,
        ),
        "mem": (_MEMORY_PERCENT, "the instance has hardly any memory left", "memory-full", True),
        "swap": (_SWAP_PERCENT, "the instance has moved most of its memory to disk", "memory-full", False),
    }
    chosen = full if swap else {name: one for name, one in full.items() if name != "swap"}
    names = {"disk": "disk", "mem": "memory", "swap": "swap"}
    return tuple(
        Alarm(
            name=f"{purpose}-{names[measured]}",
            meaning=f"{meaning}: over {percent} % for ten minutes",
            runbook=runbook,
            metric=agent_metric(measured, instance_id, metrics_namespace()),
            threshold=percent,
            periods=2,
            essential=essential,
        )
        for measured, (percent, meaning, runbook, essential) in chosen.items()
    )


def agent_panel(purpose: str, instance_id: pulumi.Input[str], namespace: str) -> Panel:
    """How full the instance's disk, memory and swap are."""
    metrics = tuple(agent_metric(measured, instance_id, namespace) for measured in ("disk", "mem", "swap"))
    return Panel(group="Instances", title=f"Disk, memory and swap of {purpose}, percent", metrics=metrics)


def agent_metric(measured: str, instance_id: pulumi.Input[str], namespace: str) -> Metric:
    """`disk`, `mem` or `swap` in percent, as the agent adds it up for each instance."""
    return Metric(
        namespace=namespace,
        name=f"{measured}_used_percent",
        dimensions={"InstanceId": instance_id},
        statistic="Average",
        period_seconds=_FIVE_MINUTES,
        label=measured,
    )


def spot_event(purpose: str, instance_id: pulumi.Input[str]) -> Event:
    """EC2 takes the instance back, two minutes ahead."""
    return Event(
        name=f"{purpose}-spot",
        meaning="EC2 takes the spot instance back in two minutes; it starts again once there is room",
        runbook="spot-gone",
        pattern={
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Spot Instance Interruption Warning"],
            "detail": {"instance-id": [instance_id]},
        },
    )


def instance_panel(instances: Mapping[str, pulumi.Input[str]], *, group: str = "Instances") -> Panel:
    """The processors of `instances`: what to call one, and its id."""
    metrics = tuple(
        _ec2("CPUUtilization", instance_id, statistic="Average", period_seconds=_FIVE_MINUTES, label=name)
        for name, instance_id in instances.items()
    )
    return Panel(group=group, title="CPU of the instances, percent", metrics=metrics)


def _ec2(
    name: str,
    instance_id: pulumi.Input[str],
    *,
    statistic: str = "Maximum",
    period_seconds: int = 60,
    label: str = "",
) -> Metric:
    return Metric(
        namespace="AWS/EC2",
        name=name,
        dimensions={"InstanceId": instance_id},
        statistic=statistic,
        period_seconds=period_seconds,
        label=label,
    )


def _ec2_action(action: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
    return pulumi.Output.format("arn:{0}:automate:{1}:ec2:{2}", partition(parent), region, action)
