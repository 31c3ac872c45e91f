"""Settings of the stream and the predictor."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components._settings.base import SECTION, Architecture, Count, LogRetentionDays


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StreamingSettings:
    """The Kinesis stream, the Lambda function behind it and the mapping between them."""

    kinesis_stream_name: str = "taxi-ride-predictions-stream"
    kinesis_stream_mode: Literal["provisioned", "on-demand"] = "provisioned"
    kinesis_shards: Count = 1
    kinesis_retention_hours: Annotated[int, Field(ge=24, le=8760)] = 24
    lambda_function_name: str = "taxi-trip-duration-predictor"
    lambda_architecture: Architecture = "arm64"
    lambda_python_version: Literal["3.12", "3.13", "3.14"] = "3.13"
    lambda_memory_mib: Annotated[int, Field(ge=128, le=10240)] = 256
    lambda_timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 30
    log_retention_days: LogRetentionDays = 7
