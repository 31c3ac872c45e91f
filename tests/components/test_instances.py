"""What an instance type's name says about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.instance_types import (
    architecture,
    credit_specification,
    gpu_problem,
    is_arm,
    is_gpu,
    memory_mib,
)


@pytest.mark.parametrize(
    ("instance_type", "arm", "mib"),
    [
        ("t4g.nano", True, 512),
        ("t3.micro", False, 1024),
        ("t3a.small", False, 2048),
        ("t4g.medium", True, 4096),
        ("t3.medium", False, 4096),
        ("t3.large", False, 8192),
        ("t4g.xlarge", True, 16384),
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


@pytest.mark.parametrize(
    ("instance_type", "gpu", "has_driver"),
    [
        ("g4dn.xlarge", True, True),
        ("gr6f.4xlarge", True, True),
        ("p5en.48xlarge", True, True),
        ("p6e-gb200.36xlarge", True, True),
        ("g4ad.xlarge", True, False),
        ("p3.2xlarge", True, False),
        ("m7g.medium", False, True),
        ("t3.micro", False, True),
    ],
)
def test_gpus_and_their_driver(instance_type: str, gpu: bool, has_driver: bool) -> None:
    assert is_gpu(instance_type) is gpu
    assert (gpu_problem(instance_type) is None) is has_driver


@pytest.mark.parametrize(
    "family",
    [
        *("g4dn", "g5", "g5g", "g6", "g6e", "g6f", "g7", "g7e", "gr6", "gr6f"),
        *("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "p6e-gb300"),
    ],
)
def test_families_with_a_driver(family: str) -> None:
    assert gpu_problem(f"{family}.xlarge") is None


def test_a_gpu_without_driver_is_told_what_has_one() -> None:
    assert str(gpu_problem("g3.4xlarge")).endswith("; allowed: g4dn, g5, g6, p4d and newer")


@pytest.mark.parametrize("family", ["t2", "t3", "t3a", "t4g"])
def test_burstable_types_have_credits(family: str) -> None:
    assert credit_specification(f"{family}.micro", "unlimited") == {"cpu_credits": "unlimited"}


@pytest.mark.parametrize("instance_type", ["m7g.medium", "trn1.2xlarge", "c7a.large"])
def test_other_types_have_none(instance_type: str) -> None:
    assert credit_specification(instance_type, "standard") is None
