"""EC2: instances by the hour, spot, CPU credits, their volumes and addresses."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ops.costs.model import Line, Resource
from ops.costs.pricing import HOURS, Free, Pricing, Rules

ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_SUBNET = "aws:ec2/subnet:Subnet"
_DEFAULT_GIB = 8  # of Amazon Linux's own image
_INCLUDED_IOPS, _INCLUDED_MIBPS = 3000, 125  # of a gp3 volume
# What a burstable size has without credits, in percent of each of its vCPUs, and how many it has.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
_BASELINE: Mapping[str, tuple[int, int]] = {
    "nano": (5, 2),
    "micro": (10, 2),
    "small": (20, 2),
    "medium": (20, 2),
    "large": (30, 2),
    "xlarge": (40, 4),
    "2xlarge": (40, 8),
}


def instance(one: Resource, at: Pricing) -> Iterator[Line]:
    """An instance and its own address cost while it runs, its volume always."""
    type_, note = one.inputs["instanceType"], at.hours_note(one)
    market = one.inputs.get("instanceMarketOptions") or {}
    capacity = "ec2" if market.get("marketType") == "spot" else ""
    yield at.line(one, f"instance {type_}", at.hours(one), f"ec2.{type_}", note, capacity)
    yield from _credits(one, type_, at)
    root = one.inputs.get("rootBlockDevice") or {}
    for device in (root, *one.inputs.get("ebsBlockDevices", ())):
        yield from volume_lines(one, device, "volumeSize", at)
    # An association is priced with its address, which costs whether or not the instance runs.
    if _has_public_address(one, at) and not any(at.graph.needing(one, ASSOCIATION)):
        yield at.line(one, "public IPv4 address", at.hours(one), "ipv4.hour", note)


def group(one: Resource, at: Pricing) -> Iterator[Line]:
    """The least number of instances runs always; further ones together for `workstation_worker_hours`."""
    template = next(at.graph.needed_by(one, _TEMPLATE)).inputs
    least, most = Decimal(one.inputs["minSize"]), Decimal(one.inputs["maxSize"])
    hours = least * HOURS + min(at.usage.workstation_worker_hours, (most - least) * HOURS)
    distribution = one.inputs["mixedInstancesPolicy"]["instancesDistribution"]
    on_demand = Decimal(distribution["onDemandPercentageAboveBaseCapacity"]) / 100
    type_, note = template["instanceType"], f"{least} always, all together {hours:.0f} h"
    for share, kind, capacity in ((on_demand, "on demand", ""), (1 - on_demand, "spot", "ec2")):
        if share:
            yield at.line(one, f"instances {type_}, {kind}", hours * share, f"ec2.{type_}", note, capacity)
    for device in template["blockDeviceMappings"]:
        gib = Decimal(device["ebs"]["volumeSize"])
        yield at.line(one, "their volumes, gp3", gib * hours / HOURS, "ebs.gp3", note)


def volume(one: Resource, at: Pricing) -> Iterator[Line]:
    """A volume costs by its size, whether or not anything uses it."""
    yield from volume_lines(one, one.inputs, "size", at)


def volume_lines(one: Resource, device: Mapping[str, Any], size: str, at: Pricing) -> Iterator[Line]:
    """The lines of a gp3 volume, whose size in GiB is `device[size]`."""
    yield at.line(one, "volume, gp3", Decimal(str(device.get(size) or _DEFAULT_GIB)), "ebs.gp3")
    iops = Decimal(str(device.get("iops") or 0)) - _INCLUDED_IOPS
    if iops > 0:
        yield at.line(one, f"volume, IOPS above {_INCLUDED_IOPS}", iops, "ebs.gp3.iops")
    throughput = Decimal(str(device.get("throughput") or 0)) - _INCLUDED_MIBPS
    if throughput > 0:
        yield at.line(one, f"volume, MiB/s above {_INCLUDED_MIBPS}", throughput, "ebs.gp3.throughput")


def snapshot(one: Resource, at: Pricing) -> Iterator[Line]:
    """Snapshots cost by what they store; `snapshot_gb` of the usage."""
    yield at.line(one, "snapshot", at.usage.snapshot_gb, "ebs.snapshot")


def address(one: Resource, at: Pricing) -> Iterator[Line]:
    """An elastic IP costs every hour that it is allocated."""
    yield at.line(one, "public IPv4 address", HOURS, "ipv4.hour")


def _has_public_address(one: Resource, at: Pricing) -> bool:
    asked = one.inputs.get("associatePublicIpAddress")
    if asked is not None:
        return bool(asked)
    subnets = list(at.graph.needed_by(one, _SUBNET))
    # A subnet that is not the stack's own is one for instances that the internet reaches.
    return not subnets or any(subnet.inputs.get("mapPublicIpOnLaunch") for subnet in subnets)


def _credits(one: Resource, type_: str, at: Pricing) -> Iterator[Line]:
    """What an instance uses above its baseline costs in unlimited mode; in standard mode it gets slower."""
    family, _, size = type_.partition(".")
    mode = (one.inputs.get("creditSpecification") or {}).get("cpuCredits")
    if mode == "unlimited" and family in ("t3", "t4g"):
        baseline, vcpus = _BASELINE[size]
        above = max(at.usage.cpu_percent - baseline, Decimal(0)) / 100
        yield at.line(one, "CPU credits", above * vcpus * at.hours(one), f"ec2.credits.{family}")


RULES: Rules = {
    "aws:autoscaling/group:Group": group,
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": snapshot,
    "aws:ebs/snapshot:Snapshot": snapshot,
    "aws:ebs/volume:Volume": volume,
    "aws:ec2/eip:Eip": address,
    "aws:ec2/instance:Instance": instance,
}
FREE: Free = {
    "aws:ebs/volumeAttachment:VolumeAttachment": "the volume is priced",
    "aws:ec2/volumeAttachment:VolumeAttachment": "the volume is priced",
    ASSOCIATION: "the address is priced",
    "aws:ec2/keyPair:KeyPair": "keys are free",
    _TEMPLATE: "what is launched from it is priced",
    "aws:ssm/association:Association": "State Manager is free on instances of EC2",
    "aws:ssm/document:Document": "documents are free",
    "aws:ssm/parameter:Parameter": "standard parameters are free",
}
