"""Repositories of images in ECR."""

import json

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name

_MAX_IMAGES = 10  # that a repository keeps, of which the newest runs


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
