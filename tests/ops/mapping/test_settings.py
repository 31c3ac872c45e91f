"""The limits of CreateEventSourceMapping."""

import pytest

from ops.sandbox.mapping import MappingSettings
from tests.ops.mapping.bench import ARN


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
def test_a_value_that_aws_refuses_is_refused_by_name(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}, allowed are"):
        MappingSettings(function_arn=ARN, **{field: value})  # type: ignore[arg-type]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"batch_size.*parallelization_factor"):
        MappingSettings(function_arn=ARN, batch_size=0, parallelization_factor=0)


def test_a_timestamp_goes_with_at_timestamp_and_only_with_it() -> None:
    with pytest.raises(ValueError, match="starting_position_timestamp"):
        MappingSettings(function_arn=ARN, starting_position="AT_TIMESTAMP")
    with pytest.raises(ValueError, match="starting_position_timestamp"):
        MappingSettings(function_arn=ARN, starting_position_timestamp=1.0)
