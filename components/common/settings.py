"""Config keys that several components read, each declared once."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.keys import SECTION, Section, key
from components.config.types import LogRetentionDays

# A model's name and alias become parts of S3 keys and of IAM resources, where `*` and `/` would mean more.
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
ModelAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,127}$")]
OptionalModelAlias = Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,127})?$")]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class LogRetentionSettings(Section):
    """How long log groups keep their events."""

    log_retention_days: LogRetentionDays = key(
        "Days that every log group keeps its events; one of CloudWatch's own steps",
        micro=7,
        learning=7,
        standard=14,
        production=30,
    )


@dataclass(frozen=True, kw_only=True, config=SECTION)
class InstanceSettings(Section):
    """What all EC2 instances share."""

    cpu_credits: Literal["standard", "unlimited"] = key(
        "Credits of burstable instances: standard (slower once they are used up) or unlimited (billed)",
        "standard",
    )


@dataclass(frozen=True, kw_only=True, config=SECTION)
class DeletionProtectionSettings(Section):
    """Whether what holds data refuses to be deleted."""

    deletion_protection: bool = key(
        "Whether buckets, database, files and load balancer refuse deletion: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ModelSettings(Section):
    """Which registered model is trained and served, by training, registry, DAGs and predictor alike."""

    model_name: ModelName = key(
        "Registered model that training publishes and the predictor serves", "ride_duration_prediction_model"
    )
    model_alias: ModelAlias = key("Alias of the version that is served", "champion")
    challenger_alias: OptionalModelAlias = key(
        "Alias of a version to score beside the one that is served; training can publish under it",
        "",
    )
