"""Settings of the stream and the predictor."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.names import physical_name
from components.common.settings import LogRetentionSettings, ModelSettings
from components.config.aws_types import OptionalFunctionName, OptionalImageUri, OptionalStreamName
from components.config.keys import SECTION, key
from components.config.types import Architecture, OptionalEmail, Share, refuse

# Lambda's limits of MaximumRecordAgeInSeconds, beside -1.
_SHORTEST_AGE, _LONGEST_AGE = 60, 604_800


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StreamingSettings(ModelSettings, LogRetentionSettings):
    """The Kinesis stream, the Lambda function behind it, the mapping between them and their alarms."""

    title: ClassVar[str] = "Stream and predictor"

    kinesis_stream_name: OptionalStreamName = key(
        "Name of the stream of ride events; empty names it after project and stack", ""
    )
    kinesis_stream_mode: Literal["provisioned", "on-demand"] = key(
        "Capacity of the stream: provisioned or on-demand", "provisioned"
    )
    kinesis_shards: Annotated[int, Field(ge=1, le=10_000)] = key(
        "Shards of a provisioned stream, 1 MiB or 1,000 events a second each; 1 to 10000", 1
    )
    kinesis_retention_hours: Annotated[int, Field(ge=24, le=8760)] = key(
        "Hours that the stream keeps events, 24 to 8760", 24
    )
    lambda_function_name: OptionalFunctionName = key(
        "Name of the predictor's function; empty names it after project and stack", ""
    )
    lambda_packaging: Literal["zip", "image"] = key("How the predictor is deployed: zip or image", "zip")
    lambda_image_uri: OptionalImageUri = key(
        "Image in a registry to run; empty builds one with Docker when lambdaPackaging is image", ""
    )
    lambda_architecture: Architecture = key("Processor of the predictor: arm64 or x86_64", "arm64")
    lambda_python_version: Literal["3.12", "3.13", "3.14"] = key(
        "Python of the predictor: 3.12, 3.13 or 3.14", "3.13"
    )
    lambda_memory_mib: Annotated[int, Field(ge=128, le=10240)] = key(
        "Memory of the predictor in MiB, 128 to 10240; CPU grows with it", 256
    )
    lambda_timeout_seconds: Annotated[int, Field(ge=1, le=900)] = key(
        "Seconds that the predictor may take for a batch, 1 to 900", 30
    )
    lambda_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = key(
        "What the predictor logs: DEBUG, INFO, WARNING or ERROR", "INFO"
    )
    lambda_tracing: bool = key(
        "Whether X-Ray traces the predictor's invocations, without a layer: true or false", False
    )
    predictor_metrics: Literal["all", "alarms"] = key(
        "Metrics that CloudWatch makes of the predictor's log lines, which cost by the month: all, or alarms "
        "for those with an alarm",
        "alarms",
    )
    model_check_seconds: Annotated[int, Field(ge=0, le=86_400)] = key(
        "Seconds between looks for a newly published model, up to 86400; 0 looks with every batch", 60
    )
    challenger_share: Share = key("Share of the rides that the challenger scores too, 0 to 1", 0.0)
    mapping_batch_size: Annotated[int, Field(ge=1, le=10_000)] = key(
        "Events that an invocation gets at most, 1 to 10000", 500
    )
    mapping_batching_window_seconds: Annotated[int, Field(ge=0, le=300)] = key(
        "Seconds to wait for a full batch, 0 to 300", 5
    )
    mapping_parallelization_factor: Annotated[int, Field(ge=1, le=10)] = key(
        "Batches of a shard that run at the same time, 1 to 10", 1
    )
    mapping_starting_position: Literal["TRIM_HORIZON", "LATEST"] = key(
        "Where a new mapping starts: TRIM_HORIZON (the oldest event) or LATEST", "TRIM_HORIZON"
    )
    mapping_bisect: bool = key("Whether a batch that makes the function fail is split in two", True)
    mapping_maximum_retry_attempts: Annotated[int, Field(ge=-1, le=10_000)] = key(
        "Retries of a batch before it is a dead letter, 0 to 10000; -1 retries as long as its age allows", -1
    )
    mapping_maximum_record_age_seconds: Annotated[int, Field(ge=-1, le=_LONGEST_AGE)] = key(
        "Seconds until an event is a dead letter, 60 to 604800 and within the stream's retention; 0 for an "
        "hour before the stream forgets it, -1 for never",
        0,
    )
    iterator_age_alarm_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = key(
        "Seconds that a ride may wait for its prediction before the alarm, up to the longest retention", 300
    )
    no_events_alarm_hours: Annotated[int, Field(ge=0, le=168)] = key(
        "Hours without any event before the alarm, 1 to 168; 0 for a stream that may fall silent",
        micro=0,
        learning=0,
        standard=0,
        production=6,
    )
    alarm_email: OptionalEmail = key("Address that alarms are sent to; empty sends none", "")
    warning_email: OptionalEmail = key(
        "Address that alarms of what loses no ride and stops nothing are sent to; empty takes alarmEmail", ""
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._age_problems())
        return self

    @property
    def stream_name(self) -> str:
        """What the stream is called in AWS."""
        return self.kinesis_stream_name or physical_name("rides")

    @property
    def function_name(self) -> str:
        """What the function is called in AWS."""
        return self.lambda_function_name or physical_name("predictor")

    @property
    def maximum_record_age_seconds(self) -> int:
        """The age that AWS is given: by default a ride waits until a dead letter could not be sent again."""
        if self.mapping_maximum_record_age_seconds:
            return self.mapping_maximum_record_age_seconds
        return min((self.kinesis_retention_hours - 1) * 3600, _LONGEST_AGE)

    def _age_problems(self) -> Iterator[str]:
        age, retention = self.mapping_maximum_record_age_seconds, self.kinesis_retention_hours * 3600
        if 0 < age < _SHORTEST_AGE:
            yield (
                f"mappingMaximumRecordAgeSeconds: got {age}, allowed: {_SHORTEST_AGE} to {_LONGEST_AGE}, "
                "0 for an hour before the stream forgets an event, or -1 for never"
            )
        if age > retention:
            yield (
                f"mappingMaximumRecordAgeSeconds: got {age}, allowed: up to {retention}, the stream's "
                "retention (a record that expires there first never reaches the dead-letter queue); "
                "lower it, or raise kinesisRetentionHours"
            )
