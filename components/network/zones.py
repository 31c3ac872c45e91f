"""Which availability zones a VPC spreads over."""

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from components.network.settings import NetworkSettings


def zone_names(
    settings: NetworkSettings, instance_types: Iterable[str], *, parent: pulumi.Resource
) -> list[str]:
    """The zones that the stack names, or the region's first ones that offer every one of `instance_types`.

    Raises:
        pulumi.RunError: when there are too few of them, or a named one is not among them.
    """
    # Local and wavelength zones need an opt-in and lack most services; they must not be picked up.
    found = aws.get_availability_zones(
        state="available",
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
        opts=pulumi.InvokeOptions(parent=parent),
    )
    types = sorted(set(instance_types))
    offering = [set(_offering(one, parent)) for one in types]
    usable = [zone for zone in found.names if all(zone in zones for zones in offering)]
    for_types = f" with {' and '.join(types)}" if types else ""
    has = f"the region has {', '.join(usable) or 'none'}{for_types}"
    missing = [zone for zone in settings.availability_zones if zone not in usable]
    if missing:
        raise pulumi.RunError(f"availabilityZones: got {', '.join(missing)}, {has}; name others")
    count = settings.availability_zone_count
    if len(usable) < count:
        raise pulumi.RunError(
            f"availabilityZoneCount: got {count}, {has}; set it to {len(usable)} or fewer, take another "
            "instance type, or another aws:region"
        )
    return list(settings.availability_zones or usable[:count])


def _offering(instance_type: str, parent: pulumi.Resource) -> list[str]:
    offered = aws.ec2.get_instance_type_offerings(
        filters=[{"name": "instance-type", "values": [instance_type]}],
        location_type="availability-zone",
        opts=pulumi.InvokeOptions(parent=parent),
    )
    return list(offered.locations)
