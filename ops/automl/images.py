"""The image of AutoML's tasks: built once, pushed to the repository of each under the stack's tag."""

import base64
import subprocess
from pathlib import Path
from typing import Any

from components.common.build_context import content_tag, stage
from components.common.paths import WORKLOADS
from components.config.types import Architecture
from ops.automl.stack import Deployed
from ops.local.errors import LocalRunError

_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


def build(architecture: Architecture) -> str:
    """Builds the image with Docker; gives its name on this machine.

    Raises:
        LocalRunError: Docker is missing or fails.
    """
    tag = content_tag("automl", architecture, WORKLOADS)
    context = stage(WORKLOADS, f"automl-{tag}")
    name = f"automl:{tag}"
    dockerfile = str(context / "images/automl/Dockerfile")
    _docker(
        "build", "--platform", _PLATFORMS[architecture], "--file", dockerfile, "--tag", name, str(context)
    )
    return name


def push(stack: Deployed, name: str, ecr: Any) -> list[str]:
    """Pushes the image where it is missing; gives what was pushed.

    Raises:
        LocalRunError: the stack names another tag, or Docker fails.
    """
    tag = name.rpartition(":")[2]
    if tag != stack.image_tag:
        raise LocalRunError(
            f"the stack's tasks run the image {stack.image_tag}, this checkout's is {tag}; run `pulumi up`"
        )
    missing = [uri for uri in stack.repositories.values() if not _exists(ecr, uri, tag)]
    if missing:
        _log_in(ecr, missing[0].partition("/")[0])
    for uri in missing:
        _docker("tag", name, f"{uri}:{tag}")
        _docker("push", f"{uri}:{tag}")
    return [f"{uri}:{tag}" for uri in missing]


def upload(paths: list[Path], bucket: str, s3: Any) -> list[str]:
    """Copies TLC's months to where tasks look for them, and other files to `uploads/`; gives the keys."""
    from workloads.data.dataset import GREEN

    keys = []
    for path in paths:
        month = path.stem.removeprefix("green_tripdata_")
        is_month = path.name == GREEN.file_name(month)
        keys.append(GREEN.raw_key(month) if is_month else f"uploads/{path.name}")
        s3.upload_file(str(path), bucket, keys[-1])
    return keys


def _exists(ecr: Any, uri: str, tag: str) -> bool:
    repository = uri.partition("/")[2]
    try:
        return bool(
            ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
        )
    except ecr.exceptions.ImageNotFoundException:
        return False


def _log_in(ecr: Any, registry: str) -> None:
    (found,) = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(found["authorizationToken"]).decode().partition(":")
    _docker("login", "--username", user, "--password-stdin", registry, text=password)


def _docker(*words: str, text: str | None = None) -> None:
    try:
        subprocess.run(["docker", *words], input=text, text=True, check=True)
    except FileNotFoundError:
        raise LocalRunError(
            "docker is not on PATH; install Docker, whose buildx builds for --platform"
        ) from None
    except subprocess.CalledProcessError as error:
        raise LocalRunError(f"docker {words[0]} ended with exit code {error.returncode}") from None
