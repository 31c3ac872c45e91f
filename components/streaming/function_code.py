"""The predictor's code as a Lambda function takes it: a zip built here, or a container image."""

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.common.build_context import content_tag, stage
from components.common.docker_engine import check_engine
from components.common.names import physical_name
from components.common.paths import LAMBDA, ROOT
from components.streaming.lambda_package import LambdaPlatform, PackageError, build_zip
from components.streaming.settings import StreamingSettings

if TYPE_CHECKING:
    import pulumi_docker

_DOCKER_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


def code(name: str, settings: StreamingSettings, *, parent: pulumi.Resource) -> dict[str, Any]:
    """The arguments of a `lambda_.Function` that say what it runs.

    A zip is built for the function's platform when anything in it changed. An image is that of
    `lambda_image_uri`, or else built from `lambda/` with Docker and pushed to a repository of the
    stack's own.

    Raises:
        pulumi.RunError: the zip cannot be built, or there is no Docker engine for the image.
    """
    if settings.lambda_packaging == "image":
        uri = settings.lambda_image_uri or _image(name, settings, parent).repo_digest
        return {"package_type": "Image", "image_uri": uri}
    platform = LambdaPlatform(
        architecture=settings.lambda_architecture, python_version=settings.lambda_python_version
    )
    try:
        package = build_zip(platform)
    except PackageError as error:
        raise pulumi.RunError(str(error)) from None
    return {
        "package_type": "Zip",
        "code": pulumi.FileArchive(str(package)),
        "handler": "handler.handler",
        "runtime": f"python{settings.lambda_python_version}",
    }


def _image(name: str, settings: StreamingSettings, parent: pulumi.Resource) -> "pulumi_docker.Image":
    import pulumi_docker  # here, because only stacks with images should wait for it

    instead = "set lambdaPackaging to zip, or lambdaImageUri to an image in ECR"
    check_engine(["predictor"], settings.lambda_architecture, instead=instead)
    tag = content_tag("predictor", settings.lambda_architecture, LAMBDA)
    context = stage(LAMBDA, f"predictor-{tag}")
    repository = aws.ecr.Repository(
        f"{name}-predictor",
        name=physical_name("predictor"),
        image_scanning_configuration={"scan_on_push": True},
        image_tag_mutability="MUTABLE",
        force_delete=True,  # images are built from the repository and can be built again
        opts=pulumi.ResourceOptions(parent=parent),
    )
    login = aws.ecr.get_authorization_token_output(
        registry_id=repository.registry_id, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    return pulumi_docker.Image(
        f"{name}-predictor",
        image_name=pulumi.Output.format("{0}:latest", repository.repository_url),
        build={
            # From Pulumi.yaml's folder, where Docker's provider runs: another checkout changes nothing.
            "context": str(context.relative_to(ROOT)),
            "dockerfile": str((context / "Dockerfile").relative_to(ROOT)),
            "platform": _DOCKER_PLATFORMS[settings.lambda_architecture],
            "args": {"PYTHON_VERSION": settings.lambda_python_version},
        },
        registry={
            "server": repository.repository_url,
            "username": login.user_name,
            "password": pulumi.Output.secret(login.password),
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
