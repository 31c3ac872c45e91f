"""Settings of the choice between the two ways to run Airflow and MLflow, and of the images that both run."""

from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from components.config.aws_types import OptionalImageUri
from components.config.keys import SECTION, Section, key
from components.config.types import Architecture


@dataclass(frozen=True, kw_only=True, config=SECTION)
class OrchestrationSettings(Section):
    """Which variant runs, and from which images; one that is not named is built here with Docker."""

    title: ClassVar[str] = "Airflow and MLflow"

    orchestration_variant: Literal["compose", "fargate"] = key(
        "What runs Airflow and MLflow: compose (EC2 with Docker Compose) or fargate (ECS)",
        micro="compose",
        learning="compose",
        standard="fargate",
        production="fargate",
    )
    airflow_image_uri: OptionalImageUri = key(
        "Image of Airflow in a registry, with an exact tag or digest; empty builds it with Docker", ""
    )
    mlflow_image_uri: OptionalImageUri = key(
        "Image of MLflow in a registry, with an exact tag or digest; empty builds it with Docker", ""
    )
    status_image_uri: OptionalImageUri = key(
        "Image of the status page in a registry, with an exact tag or digest; empty builds it with Docker", ""
    )
    admin_image_uri: OptionalImageUri = key(
        "Image of the admin GUI in a registry, with an exact tag or digest; empty builds it with Docker", ""
    )
    fargate_architecture: Architecture = key(
        "Processor of the Fargate tasks: arm64 or x86_64; instances have that of their type", "arm64"
    )
