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


# Endpoints that no API has the name of, and APIs whose endpoints have another one, as AWS lists them:
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_ENDPOINTS = frozenset(
    {"awsconnector", "ec2messages", "execute-api", "lorawan", "notebook", "q", "ssmmessages", "studio"}
)
_RENAMED = {
    "cloudwatch": "monitoring",
    "ecr": "ecr.api and ecr.dkr",
    "efs": "elasticfilesystem",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "sagemaker": "sagemaker.api and sagemaker.runtime",
    "ses": "email-smtp",
    "stepfunctions": "states",
}


@functools.cache
def _services() -> frozenset[str]:
    """The services that botocore knows, as their APIs and as their endpoints name them."""
    partitions = _data("endpoints")["partitions"]
    endpoints = {name.split(".")[-1] for one in partitions for name in one["services"]}
    return _ENDPOINTS | endpoints | frozenset(Loader().list_available_services("service-2"))


def _endpoint_service(name: str) -> str:
    """A name that has a service's in it, such as ecs-agent, sagemaker.runtime or git-codecommit."""
    if name in _RENAMED:
        raise ValueError(f"allowed: {_RENAMED[name]}, as the endpoints of this service are called")
    labels = [label.split("-") for label in name.split(".")]
    parts = {
        "-".join(words[start:end])
        for words in labels
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    }
    if not parts & _services():
        close = get_close_matches(name, _services() - _RENAMED.keys(), n=1)
        raise ValueError(
            "allowed: a service as its endpoint names it, such as ecr.api or secretsmanager"
            + (f"; did you mean {close[0]}?" if close else "")
        )
    return name


def _db_instance_class(name: str) -> str:
    """`db.` and a type of EC2's, of a family that RDS runs PostgreSQL on."""
    allowed = "allowed: an instance class of RDS, such as db.t4g.micro or db.m7g.large"
    prefix, _, instance_type = name.partition(".")
    sold = {one for one in instance_types() if one[0] in "mrtxz" and re.search(r"\.(?!nano|metal)", one)}
    if prefix != "db" or instance_type not in sold:
        close = get_close_matches(instance_type, sold, n=1) if prefix == "db" else []
        raise ValueError(allowed + (f"; did you mean db.{close[0]}?" if close else ""))
    return name


OptionalStreamName = Annotated[
    str, matching(r"[a-zA-Z0-9_.-]{1,128}", "1 to 128 letters, digits, '_', '.' and '-'", or_empty=True)
]
OptionalFunctionName = Annotated[
    str, matching(r"[a-zA-Z0-9_-]{1,64}", "1 to 64 letters, digits, '_' and '-'", or_empty=True)
]
InstanceType = Annotated[
    str, one_of(instance_types, "an instance type of EC2, such as t4g.medium or m7g.large")
]
OptionalRegion = Annotated[
    str, one_of(lambda: regions() | {""}, "a region of AWS, such as us-west-2, or nothing")
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
    AfterValidator(_endpoint_service),
]
DbInstanceClass = Annotated[str, AfterValidator(_db_instance_class)]
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
