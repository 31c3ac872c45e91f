"""The images of the platform's containers: built here with Docker, or taken from a registry."""

import pulumi

from components.common.account import partition
from components.common.built_image import built_image
from components.common.docker_engine import check_engine
from components.common.paths import IMAGES, WORKLOADS
from components.common.repository import repository as ecr_repository
from components.common.repository import repository_arns
from components.config.types import Architecture

# MLflow's needs nothing of ours: from a folder of its own, it stays as it is when a DAG changes.
CONTEXTS = {"airflow": WORKLOADS, "mlflow": IMAGES / "mlflow", "status": WORKLOADS, "admin": WORKLOADS}
DOCKERFILES = {
    "airflow": "images/airflow/Dockerfile",
    "mlflow": "Dockerfile",
    "status": "images/status/Dockerfile",
    "admin": "images/admin/Dockerfile",
}


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
        return built_image(
            self._name,
            image,
            repository,
            context=CONTEXTS[image],
            dockerfile=DOCKERFILES[image],
            architecture=self._architecture,
            parent=self,
        )
