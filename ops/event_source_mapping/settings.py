"""The settings of an event source mapping, in the words and limits of CreateEventSourceMapping.

Source: AWS Lambda API Reference, CreateEventSourceMapping
<https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html> and AWS Lambda Developer
Guide, "Lambda parameters for Amazon Kinesis Data Streams event source mappings"
<https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html>.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

StartingPosition = Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]
INFINITE = -1


@dataclass(frozen=True, kw_only=True)
class EventSourceMappingSettings:
    """What one mapping was created with; raises ValueError naming every field outside AWS's limits.

    `retry_delay_seconds` is ours: AWS backs off between retries but does not publish the schedule. The
    delay doubles with every invocation, up to a minute.
    """

    function_arn: str
    batch_size: int = 100
    maximum_batching_window_seconds: int = 0
    parallelization_factor: int = 1
    starting_position: StartingPosition = "TRIM_HORIZON"
    starting_position_timestamp: float | None = None
    maximum_retry_attempts: int = INFINITE
    maximum_record_age_seconds: int = INFINITE
    bisect_batch_on_function_error: bool = False
    report_batch_item_failures: bool = False
    retry_delay_seconds: float = 1.0

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise ValueError("event source mapping: " + "; ".join(problems))

    def _problems(self) -> Iterator[str]:
        for name, low, high in (
            ("batch_size", 1, 10_000),
            ("maximum_batching_window_seconds", 0, 300),
            ("parallelization_factor", 1, 10),
            ("maximum_retry_attempts", INFINITE, 10_000),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                yield f"{name} is {value}, allowed are {low} to {high}"
        age = self.maximum_record_age_seconds
        if age != INFINITE and not 60 <= age <= 604_800:
            yield f"maximum_record_age_seconds is {age}, allowed are -1 (infinite) and 60 to 604800"
        if (self.starting_position == "AT_TIMESTAMP") != (self.starting_position_timestamp is not None):
            yield "starting_position_timestamp goes with starting_position AT_TIMESTAMP, and only with it"
