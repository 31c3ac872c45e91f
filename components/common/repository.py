"""Repositories of images in ECR."""

import json
import re
from collections.abc import Iterable, Iterator

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name

_MAX_IMAGES = 10  # that a repository keeps, of which the newest runs
_ECR = re.compile(
    r"(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?)/(?P<name>[^:@]+)"
)


def repository(name: str, image: str, *, parent: pulumi.Resource) -> aws.ecr.Repository:
    """A repository whose tags do not move, scanned at every push; images can be built again."""
    opts = pulumi.ResourceOptions(parent=parent)
    made = aws.ecr.Repository(
        f"{name}-{image}",
        name=physical_name(image),
        image_scanning_configuration={"scan_on_push": True},
        image_tag_mutability="IMMUTABLE",
        force_delete=True,
        opts=opts,
    )
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": _MAX_IMAGES},
        "action": {"type": "expire"},
    }
    aws.ecr.LifecyclePolicy(
        f"{name}-{image}", repository=made.name, policy=json.dumps({"rules": [rule]}), opts=opts
    )
    return made


def repository_arns(uris: Iterable[str], partition: pulumi.Input[str]) -> Iterator[pulumi.Output[str]]:
    """The ARNs of the repositories of those `uris` that are in ECR, which is in the stack's own partition."""
    for uri in uris:
        if match := _ECR.match(uri):
            place = f"{match['region']}:{match['account']}:repository/{match['name']}"
            yield pulumi.Output.concat("arn:", partition, ":ecr:", place)


def registries(uris: Iterable[str]) -> tuple[str, ...]:
    """The ECR registries of `uris`, which ask for a login before they are pulled from."""
    return tuple(sorted({match["registry"] for uri in uris if (match := _ECR.match(uri))}))
