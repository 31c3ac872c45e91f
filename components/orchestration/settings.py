"""Settings of the choice between the two ways to run Airflow and MLflow, and of the images that both run."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, Architecture

ImageUri = Annotated[
    str, Field(pattern=r"^([^\s:@]+(:\d+)?(/[^\s:@]+)*(:[\w][\w.-]*|@sha256:[0-9a-f]{64}))?$")
]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class OrchestrationSettings:
    """Which variant runs, and from which images; one that is not named is built here with Docker."""

    orchestration_variant: Literal["compose", "fargate"] = "compose"
    airflow_image_uri: ImageUri = ""
    mlflow_image_uri: ImageUri = ""
    status_image_uri: ImageUri = ""
    fargate_architecture: Architecture = "arm64"
