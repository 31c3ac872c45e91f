"""What an EC2 instance type is, from its name: its processor and its memory."""

import re

import pulumi_aws as aws

from components.config.types import Architecture

_BURSTABLE_MIB = {
    "nano": 512,
    "micro": 1024,
    "small": 2048,
    "medium": 4096,
    "large": 8192,
    "xlarge": 16384,
    "2xlarge": 32768,
}
_MIB_PER_VCPU = {"c": 2048, "m": 4096, "r": 8192}
_VCPUS = {"medium": 1, "large": 2, "xlarge": 4}
_BURSTABLE = re.compile(r"t(3a?|4g)\.(?P<size>[a-z0-9]+)")
_SIZED = re.compile(
    r"(?P<family>[cmr])\d[a-z]*(-flex)?\.(?:(?P<size>medium|large|xlarge)|(?P<times>\d+)xlarge)"
)


# "Supported EC2 instances" in the release notes of the Deep Learning Base OSS Nvidia Driver GPU AMI
# (Amazon Linux 2023), https://docs.aws.amazon.com/dlami/latest/devguide/.
_WITH_DRIVER = frozenset(
    {"g4dn", "g5", "g5g", "g6", "g6e", "g6f", "g7", "g7e", "gr6", "gr6f"}
    | {"p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "p6e-gb300"}
)
_GPU_FAMILY = re.compile(r"(g|gr|p)\d")


def is_gpu(instance_type: str) -> bool:
    """Whether a type has a GPU: g4dn.xlarge, p5.48xlarge and so on."""
    return bool(_GPU_FAMILY.match(instance_type))


def gpu_problem(instance_type: str) -> str | None:
    """What is wrong with a type that has a GPU without a driver on AWS's image; None for every other type."""
    if not is_gpu(instance_type) or instance_type.split(".")[0] in _WITH_DRIVER:
        return None
    return (
        "whose GPU has no driver on AWS's image for Amazon Linux 2023; allowed: g4dn, g5, g6, p4d and newer"
    )


def is_arm(instance_type: str) -> bool:
    """Whether a type is Graviton: a g after the generation, as in t4g.nano and m7gd.large."""
    family = instance_type.split(".")[0]
    return "g" in family.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0123456789")


def credit_specification(
    instance_type: str, cpu_credits: str
) -> aws.ec2.InstanceCreditSpecificationArgsDict | None:
    """The credits of a burstable type, as an instance takes them; None for others, where EC2 refuses them.

    Without one EC2 gives t3, t3a and t4g unlimited credits, and bills those that are used beyond the earned.
    """
    return {"cpu_credits": cpu_credits} if re.match(r"t\d", instance_type) else None


def architecture(instance_type: str) -> Architecture:
    """The processor of a type, as Lambda and images name it."""
    return "arm64" if is_arm(instance_type) else "x86_64"


def memory_mib(instance_type: str) -> int:
    """The memory that a type is sold with, in MiB; the kernel keeps a few percent of it.

    Knows the families t3, t3a, t4g, c, m and r, whose sizes follow a rule.

    Raises:
        ValueError: when the type is of another family.
    """
    if match := _BURSTABLE.fullmatch(instance_type):
        if match["size"] in _BURSTABLE_MIB:
            return _BURSTABLE_MIB[match["size"]]
    elif match := _SIZED.fullmatch(instance_type):
        vcpus = _VCPUS[match["size"]] if match["size"] else 4 * int(match["times"])
        return vcpus * _MIB_PER_VCPU[match["family"]]
    raise ValueError(
        "allowed: a type of the families t3, t3a, t4g, c, m or r, such as t4g.medium or m7g.large"
    )
