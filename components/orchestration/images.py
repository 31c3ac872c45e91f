"""The images of the platform's containers: built here with Docker, or taken from a registry."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.common.account import partition
from components.common.build_context import content_tag, stage
from components.common.docker_engine import check_engine
from components.common.paths import IMAGES, ROOT, WORKLOADS
from components.common.repository import repository as ecr_repository
from components.config.types import Architecture

if TYPE_CHECKING:
    import pulumi_docker

# MLflow's needs nothing of ours: from a folder of its own, it stays as it is when a DAG changes.
CONTEXTS = {"airflow": WORKLOADS, "mlflow": IMAGES / "mlflow", "status": WORKLOADS, "admin": WORKLOADS}
DOCKERFILES = {
    "airflow": "images/airflow/Dockerfile",
    "mlflow": "Dockerfile",
    "status": "images/status/Dockerfile",
    "admin": "images/admin/Dockerfile",
}
_PLATFORMS = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}
_ECR = re.compile(
    r"(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?)/(?P<name>[^:@]+)"
)


class Images(pulumi.ComponentResource):
    """What the containers run; `uris` by the name of the image, `repository_arns` what to pull them needs.

    `prebuilt` gives the URI of images that are in a registry already. Any other is built for `architecture`
    and pushed to a repository of the stack's own, under a tag that is the hash of what it is built from.

    Raises:
        pulumi.RunError: an image has to be built, and there is no Docker engine.
    """

    uris: dict[str, pulumi.Output[str]]
    repository_arns: list[pulumi.Input[str]]

    def __init__(
        self,
        name: str,
        prebuilt: dict[str, str],
        *,
        architecture: Architecture,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mlops:index:Images", name, None, opts)
        self._name = name
        self._architecture: Architecture = architecture
        self._opts = pulumi.ResourceOptions(parent=self)
        missing = [image for image, uri in prebuilt.items() if not uri]
        if missing:
            keys = ", ".join(f"{image}ImageUri" for image in missing)
            check_engine(missing, architecture, instead=f"name images in a registry with {keys}")
        self.repository_arns = list(repository_arns(prebuilt.values(), partition(self)))
        self.uris = {
            image: pulumi.Output.from_input(uri) if uri else self._built(image)
            for image, uri in prebuilt.items()
        }
        self.register_outputs(self.uris)

    def _built(self, image: str) -> pulumi.Output[str]:
        repository = ecr_repository(self._name, image, parent=self)
        self.repository_arns.append(repository.arn)
        login = aws.ecr.get_authorization_token_output(
            registry_id=repository.registry_id, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        return self._image(image, repository, login).image_name

    def _image(
        self,
        image: str,
        repository: aws.ecr.Repository,
        login: pulumi.Output[aws.ecr.GetAuthorizationTokenResult],
    ) -> "pulumi_docker.Image":
        import pulumi_docker  # here, because only stacks that build should wait for it

        tag = content_tag(image, self._architecture, CONTEXTS[image])
        context = stage(CONTEXTS[image], f"{image}-{tag}")
        return pulumi_docker.Image(
            f"{self._name}-{image}",
            image_name=pulumi.Output.format("{0}:{1}", repository.repository_url, tag),
            build={
                # From Pulumi.yaml's folder, where Docker's provider runs: another checkout changes nothing.
                "context": str(context.relative_to(ROOT)),
                "dockerfile": str((context / DOCKERFILES[image]).relative_to(ROOT)),
                "platform": _PLATFORMS[self._architecture],
            },
            registry={
                "server": repository.repository_url,
                "username": login.user_name,
                "password": pulumi.Output.secret(login.password),
            },
            opts=self._opts,
        )


def repository_arns(uris: Iterable[str], partition: pulumi.Input[str]) -> Iterator[pulumi.Output[str]]:
    """The ARNs of the repositories of those `uris` that are in ECR, which is in the stack's own partition."""
    for uri in uris:
        if match := _ECR.match(uri):
            place = f"{match['region']}:{match['account']}:repository/{match['name']}"
            yield pulumi.Output.concat("arn:", partition, ":ecr:", place)


def registries(uris: Iterable[str]) -> tuple[str, ...]:
    """The ECR registries of `uris`, which ask for a login before they are pulled from."""
    return tuple(sorted({match["registry"] for uri in uris if (match := _ECR.match(uri))}))
