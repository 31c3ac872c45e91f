"""Settings of the stream and the predictor."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, Architecture, Count, LogRetentionDays, Share, refuse


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StreamingSettings:
    """The Kinesis stream, the Lambda function behind it, the mapping between them and their alarms."""

    kinesis_stream_name: str = "taxi-ride-predictions-stream"
    kinesis_stream_mode: Literal["provisioned", "on-demand"] = "provisioned"
    kinesis_shards: Count = 1
    kinesis_retention_hours: Annotated[int, Field(ge=24, le=8760)] = 24
    lambda_function_name: str = "taxi-trip-duration-predictor"
    lambda_packaging: Literal["zip", "image"] = "zip"
    lambda_image_uri: str = ""
    lambda_architecture: Architecture = "arm64"
    lambda_python_version: Literal["3.12", "3.13", "3.14"] = "3.13"
    lambda_memory_mib: Annotated[int, Field(ge=128, le=10240)] = 256
    lambda_timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 30
    lambda_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_retention_days: LogRetentionDays = 7
    model_name: str = "ride_duration_prediction_model"
    model_alias: str = "champion"
    model_check_seconds: Annotated[int, Field(ge=0)] = 60
    challenger_alias: str = ""
    challenger_share: Share = 0.0
    mapping_batch_size: Annotated[int, Field(ge=1, le=10_000)] = 500
    mapping_batching_window_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    mapping_parallelization_factor: Annotated[int, Field(ge=1, le=10)] = 1
    mapping_starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    mapping_bisect: bool = True
    mapping_maximum_retry_attempts: Annotated[int, Field(ge=0, le=10_000)] = 10
    mapping_maximum_record_age_seconds: Annotated[int, Field(ge=60, le=604_800)] = 21_600
    iterator_age_alarm_seconds: Count = 300
    alarm_email: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        age, retention = self.mapping_maximum_record_age_seconds, self.kinesis_retention_hours * 3600
        if age > retention:
            refuse(
                [
                    f"mappingMaximumRecordAgeSeconds: got {age}, allowed: up to {retention}, the stream's "
                    "retention (a record that expires there first never reaches the dead-letter queue); "
                    "lower it, or raise kinesisRetentionHours"
                ]
            )
        return self
