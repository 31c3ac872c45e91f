"""Config keys that several components read, each declared once."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.aws_types import matching
from components.config.keys import SECTION, Section, key
from components.config.types import Days, LogRetentionDays

_Suffix = Annotated[
    str, matching(r"[a-z0-9]+(-[a-z0-9]+)*", "a-z, 0-9 and single hyphens between them", or_empty=True)
]
Percent = Annotated[int, Field(ge=1, le=100)]
# A model's name and alias become parts of S3 keys and of IAM resources, where `*` and `/` would mean more.
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
ModelAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,127}$")]
OptionalModelAlias = Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,127})?$")]
# Thresholds are calibrated for these rates: `RATES` of workloads/drift/calibration.py.
FalseAlarmRate = Annotated[float, Field(ge=0.01, le=0.1, allow_inf_nan=False)]


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
    instance_cpu_alarm_percent: Percent = key(
        "Percent of an instance's processor that is an alarm when used for ten minutes, 1 to 100", 80
    )
    instance_disk_alarm_percent: Percent = key(
        "Percent of an instance's disk that is an alarm when full, 1 to 100", 85
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
class BucketSettings(DeletionProtectionSettings):
    """What all buckets share."""

    bucket_suffix: _Suffix = key("What to append to bucket names, which all of AWS shares", "")
    force_destroy: bool = key(
        "Whether destroying the stack deletes buckets that hold something: true or false",
        micro=True,
        learning=True,
        standard=False,
        production=False,
    )
    noncurrent_version_days: Days = key("Days that buckets keep overwritten and deleted objects", 30)
    incomplete_upload_days: Days = key("Days until uploads that never ended are dropped", 7)


@dataclass(frozen=True, kw_only=True, config=SECTION)
class MonitoringSettings(Section):
    """When rides count as shifted, and what follows."""

    title: ClassVar[str] = "Monitoring and retraining"

    drift_false_alarm_rate: FalseAlarmRate = key(
        "Share of days without a shift on which data drift may be reported, 0.01 to 0.1", 0.01
    )
    performance_false_alarm_rate: FalseAlarmRate = key(
        "Share of days without a shift on which worse performance may be reported, 0.01 to 0.1", 0.01
    )
    retrain_on: Literal["drift", "performance", "any", "nothing"] = key(
        "What begins a training besides the weekly one: drift, performance, any of both, or nothing", "any"
    )
    retraining_cooldown_days: Annotated[int, Field(ge=1, le=366)] = key(
        "Days after a training was asked for in which none is asked for again", 7
    )
    promotion_margin_minutes: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)] = key(
        "Minutes of RMSE by which a version must be better than the current one", 0.0
    )
    promotion_confidence: Annotated[float, Field(ge=0.5, le=0.999, allow_inf_nan=False)] = key(
        "How sure that must be, 0.5 to 0.999, by a paired bootstrap over days", 0.95
    )
    challenger_first: bool = key(
        "Whether a version is scored beside the current one first, under challengerAlias: true or false",
        False,
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
