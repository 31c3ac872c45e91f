"""Types of values whose form AWS decides, so that a wrong one fails before the deployment begins.

The forms are those of AWS's own API models, which botocore carries; tests hold each against its model.
"""

import functools
import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Annotated, Any

from botocore.loaders import Loader
from pydantic import AfterValidator


def matching(pattern: str, allowed: str, *, or_empty: bool = False) -> AfterValidator:
    """Text that matches the whole of `pattern`; `allowed` says in words what that is."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text) and not (or_empty and not text):
            raise ValueError(f"allowed: {allowed}")
        return text

    return AfterValidator(check)


def one_of(names: Callable[[], Collection[str]], allowed: str) -> AfterValidator:
    """One of `names`, which is called when there is a value to check."""

    def check(text: str) -> str:
        if text not in names():
            close = get_close_matches(text, names(), n=1)
            raise ValueError(f"allowed: {allowed}{f'; did you mean {close[0]}?' if close else ''}")
        return text

    return AfterValidator(check)


@functools.cache
def _data(*path: str) -> Any:
    """A document of botocore's, such as a service's model."""
    return Loader().load_service_model(*path) if len(path) > 1 else Loader().load_data(*path)


@functools.cache
def instance_types() -> frozenset[str]:
    """The instance types that EC2 has."""
    return frozenset(_data("ec2", "service-2")["shapes"]["InstanceType"]["enum"])


@functools.cache
def regions() -> frozenset[str]:
    """The regions of every partition (aws, aws-cn, aws-us-gov and so on)."""
    names = {name for one in _data("partitions")["partitions"] for name in one["regions"]}
    return frozenset(name for name in names if not name.endswith("-global"))


OptionalStreamName = Annotated[
    str, matching(r"[a-zA-Z0-9_.-]{1,128}", "1 to 128 letters, digits, '_', '.' and '-'", or_empty=True)
]
OptionalFunctionName = Annotated[
    str, matching(r"[a-zA-Z0-9_-]{1,64}", "1 to 64 letters, digits, '_' and '-'", or_empty=True)
]
InstanceType = Annotated[
    str, one_of(instance_types, "an instance type of EC2, such as t4g.medium or m7g.large")
]
_ID = r"([0-9a-f]{8}|[0-9a-f]{17})"
OptionalVpcId = Annotated[
    str, matching(f"vpc-{_ID}", "a VPC's id, such as vpc-0123456789abcdef0", or_empty=True)
]
SubnetId = Annotated[str, matching(f"subnet-{_ID}", "a subnet's id, such as subnet-0123456789abcdef0")]
EndpointService = Annotated[
    str,
    matching(
        r"[a-z0-9]+([.-][a-z0-9]+)*", "a service as its endpoint names it, such as ecr.api or secretsmanager"
    ),
]
DbInstanceClass = Annotated[
    str,
    matching(
        r"db\.[a-z][a-z0-9]*[0-9][a-z0-9-]*\.(micro|small|medium|large|[0-9]*xlarge)",
        "an instance class of RDS, such as db.t4g.micro or db.m7g.large",
    ),
]
OptionalCertificateArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-zA-Z-]+",
        "the ARN of a certificate in ACM, arn:aws:acm:REGION:ACCOUNT:certificate/ID",
        or_empty=True,
    ),
]
OptionalSecretArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[a-zA-Z0-9/_+=.@-]{1,512}",
        "the ARN of a secret in Secrets Manager, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
        or_empty=True,
    ),
]
OptionalHostedZoneId = Annotated[
    str, matching(r"Z[A-Z0-9]{1,31}", "the id of a hosted zone, such as Z0123456789ABCDEFGHIJ", or_empty=True)
]
# https://docs.docker.com/reference/cli/docker/image/tag/: what a reference may consist of.
_PATH = r"[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
OptionalImageUri = Annotated[
    str,
    matching(
        rf"([a-zA-Z0-9.-]+(:[0-9]+)?/)?{_PATH}(/{_PATH})*(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{{0,127}}|@sha256:[0-9a-f]{{64}})",
        "an image with its tag or digest, such as registry.example.com/airflow:1.2.3",
        or_empty=True,
    ),
]
