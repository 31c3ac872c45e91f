"""Where a VPC's subnets lie, computed so that no subnet ever moves when availability zones are added.

Availability zones come in blocks of two, four subnets a block: two public, then two private. The first subnet
of the range stays free, so the default range 10.0.0.0/16 gives 10.0.1.0/24 and 10.0.2.0/24 to the public and
10.0.3.0/24 and 10.0.4.0/24 to the private subnets; zones three and four follow at 10.0.5.0/24.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import combinations

_BLOCK = 4
_AWS_PREFIXES = range(16, 29)  # a VPC and a subnet are /16 to /28 (Amazon VPC user guide, "VPC CIDR blocks")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The ranges of a VPC's subnets: a public and a private one for each availability zone, in order."""

    public: tuple[str, ...]
    private: tuple[str, ...]


def plan(vpc_cidr: str, zones: int, prefix: int) -> Plan:
    """Places a public and a private subnet of length `prefix` for each of `zones` availability zones.

    Raises:
        ValueError: the range does not hold them.
    """
    needed = _private_index(zones - 1) + 1
    vpc = IPv4Network(vpc_cidr)
    held = 2 ** (prefix - vpc.prefixlen) if prefix >= vpc.prefixlen else 0
    if held < needed:
        raise ValueError(
            f"{vpc_cidr} holds {held} subnets of /{prefix} and {zones} availability zones need {needed}"
        )
    step = 2 ** (32 - prefix)
    first = int(vpc.network_address)

    def at(index: int) -> str:
        return str(IPv4Network((first + index * step, prefix)))

    return Plan(
        public=tuple(at(_public_index(zone)) for zone in range(zones)),
        private=tuple(at(_private_index(zone)) for zone in range(zones)),
    )


def problems(vpc_cidr: str, subnets: Sequence[str]) -> Iterator[str]:
    """What AWS would refuse about `subnets` in the VPC range `vpc_cidr`, one sentence a problem."""
    vpc = IPv4Network(vpc_cidr)
    networks = [IPv4Network(subnet) for subnet in subnets]
    if vpc.prefixlen not in _AWS_PREFIXES:
        yield f"{vpc} is not between /16 and /28"
    for network in networks:
        if network.prefixlen not in _AWS_PREFIXES:
            yield f"{network} is not between /16 and /28"
        elif not network.subnet_of(vpc):
            yield f"{network} is not within {vpc}"
    for one, other in combinations(networks, 2):
        if one.overlaps(other):
            yield f"{one} and {other} overlap"


def _public_index(zone: int) -> int:
    block, place = divmod(zone, 2)
    return _BLOCK * block + 1 + place


def _private_index(zone: int) -> int:
    return _public_index(zone) + 2
