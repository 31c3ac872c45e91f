"""What an instance type's name says about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.instance_types import architecture, is_arm, memory_mib


@pytest.mark.parametrize(
    ("instance_type", "arm", "mib"),
    [
        ("t4g.nano", True, 512),
        ("t4g.medium", True, 4096),
        ("t3.medium", False, 4096),
        ("t3a.2xlarge", False, 32768),
        ("m7g.medium", True, 4096),
        ("m7i-flex.large", False, 8192),
        ("c7gn.xlarge", True, 8192),
        ("r6gd.12xlarge", True, 393216),
        ("m5.24xlarge", False, 393216),
    ],
)
def test_processor_and_memory_are_those_of_aws_s_list(instance_type: str, arm: bool, mib: int) -> None:
    assert (is_arm(instance_type), memory_mib(instance_type)) == (arm, mib)
    assert architecture(instance_type) == ("arm64" if arm else "x86_64")


@given(st.sampled_from("cmr"), st.integers(4, 9), st.integers(1, 24))
def test_twice_the_size_is_twice_the_memory(family: str, generation: int, times: int) -> None:
    one, two = (memory_mib(f"{family}{generation}.{size}xlarge") for size in (times, 2 * times))
    assert two == 2 * one


@pytest.mark.parametrize("instance_type", ["x2gd.medium", "t3.metal", "p4d.24xlarge", "t4g", "m7g.tiny"])
def test_a_family_without_that_rule_is_refused(instance_type: str) -> None:
    with pytest.raises(ValueError, match="allowed: a type of the families"):
        memory_mib(instance_type)
