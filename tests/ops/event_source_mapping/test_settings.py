"""The limits of CreateEventSourceMapping."""

import pytest

from ops.event_source_mapping import EventSourceMappingSettings
from tests.ops.event_source_mapping.simulation import ARN


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch_size", 0),
        ("batch_size", 10_001),
        ("maximum_batching_window_seconds", 301),
        ("parallelization_factor", 0),
        ("parallelization_factor", 11),
        ("maximum_retry_attempts", -2),
        ("maximum_retry_attempts", 10_001),
        ("maximum_record_age_seconds", 59),
        ("maximum_record_age_seconds", 604_801),
    ],
)
def test_limits(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}, allowed are"):
        EventSourceMappingSettings(function_arn=ARN, **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("age", [60, 604_800])
def test_record_ages_that_are_allowed(age: int) -> None:
    assert EventSourceMappingSettings(function_arn=ARN, maximum_record_age_seconds=age)


def test_all_problems_in_one_message() -> None:
    with pytest.raises(ValueError, match=r"batch_size.*parallelization_factor"):
        EventSourceMappingSettings(function_arn=ARN, batch_size=0, parallelization_factor=0)


def test_timestamp_needs_at_timestamp() -> None:
    with pytest.raises(ValueError, match=r"starting_position_timestamp goes with .*, and only with it$"):
        EventSourceMappingSettings(function_arn=ARN, starting_position="AT_TIMESTAMP")
    with pytest.raises(ValueError, match="starting_position_timestamp"):
        EventSourceMappingSettings(function_arn=ARN, starting_position_timestamp=1.0)


def test_defaults_are_those_of_aws() -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"""
    settings = EventSourceMappingSettings(function_arn=ARN)
    assert (settings.batch_size, settings.maximum_batching_window_seconds) == (100, 0)
    assert (settings.parallelization_factor, settings.starting_position) == (1, "TRIM_HORIZON")
