"""Images that are built here with Docker and pushed to a repository of the stack's own."""

from collections.abc import Sequence
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.common.build_context import content_tag, stage
from components.common.paths import ROOT
from components.config.types import Architecture

_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


def built_image(
    name: str,
    image: str,
    repository: aws.ecr.Repository,
    *,
    context: Path,
    dockerfile: str,
    architecture: Architecture,
    parent: pulumi.Resource,
    parts: Sequence[str] = (),
) -> pulumi.Output[str]:
    """The image's name in the registry; its tag is the hash of what it is built from.

    `parts` are the files and folders of `context` that the build needs, where it does not need all of them.
    """
    import pulumi_docker  # here, because only stacks that build should wait for it

    login = aws.ecr.get_authorization_token_output(
        registry_id=repository.registry_id, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    tag = content_tag(image, architecture, context, parts)
    staged = stage(context, f"{image}-{tag}", parts)
    made = pulumi_docker.Image(
        f"{name}-{image}",
        image_name=pulumi.Output.format("{0}:{1}", repository.repository_url, tag),
        build={
            # From Pulumi.yaml's folder, where Docker's provider runs: another checkout changes nothing.
            "context": str(staged.relative_to(ROOT)),
            "dockerfile": str((staged / dockerfile).relative_to(ROOT)),
            "platform": _PLATFORMS[architecture],
        },
        registry={
            "server": repository.repository_url,
            "username": login.user_name,
            "password": pulumi.Output.secret(login.password),
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return made.image_name
