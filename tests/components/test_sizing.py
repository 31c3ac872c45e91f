"""Fargate's sizes: what AWS sells passes, all else is refused with what would fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.task_sizes import (
    FARGATE_MEMORY_MIB,
    fargate_problem,
    nearest_fargate_size,
)

SIZES = [(cpu, memory) for cpu, memories in FARGATE_MEMORY_MIB.items() for memory in memories]


@given(st.sampled_from(SIZES))
def test_every_size_on_sale_is_accepted_and_is_its_own_nearest(size: tuple[int, int]) -> None:
    assert fargate_problem(*size) is None
    assert nearest_fargate_size(*size) == size


@given(st.integers(1, 16384), st.integers(1, 122_880))
def test_a_pair_is_accepted_exactly_when_it_is_in_the_table(cpu: int, memory: int) -> None:
    assert (fargate_problem(cpu, memory) is None) == ((cpu, memory) in SIZES)


@given(st.integers(1, 16384), st.integers(1, 122_880))
def test_the_nearest_size_is_on_sale_and_no_smaller_one_fits(cpu: int, memory: int) -> None:
    nearest = nearest_fargate_size(cpu, memory)
    assert nearest in SIZES
    assert nearest[0] >= cpu
    assert nearest[1] >= memory
    assert not [size for size in SIZES if size >= (cpu, memory) and size < nearest and size[1] >= memory]


def test_the_table_has_the_limits_that_aws_publishes() -> None:
    assert {cpu: (memories[0], memories[-1]) for cpu, memories in FARGATE_MEMORY_MIB.items()} == {
        256: (512, 2048),
        512: (1024, 4096),
        1024: (2048, 8192),
        2048: (4096, 16384),
        4096: (8192, 30720),
        8192: (16384, 61440),
        16384: (32768, 122880),
    }


def test_the_smallest_tasks_have_three_sizes() -> None:
    assert FARGATE_MEMORY_MIB[256] == (512, 1024, 2048)
    steps = {cpu: sizes[1] - sizes[0] for cpu, sizes in FARGATE_MEMORY_MIB.items() if cpu > 256}
    assert steps == {512: 1024, 1024: 1024, 2048: 1024, 4096: 1024, 8192: 4096, 16384: 8192}


@pytest.mark.parametrize(
    ("cpu", "memory", "problem"),
    [
        (
            300,
            512,
            "300 CPU units, allowed: 256, 512, 1024, 2048, 4096, 8192, 16384",
        ),
        (
            256,
            600,
            "600 MiB with 256 CPU units, allowed: 512 to 2048 MiB; the nearest that fits is (256, 1024)",
        ),
        (
            512,
            1500,
            "1500 MiB with 512 CPU units, allowed: 1024 to 4096 MiB in steps of 1024; "
            "the nearest that fits is (512, 2048)",
        ),
        (
            16384,
            200_000,
            "200000 MiB with 16384 CPU units, allowed: 32768 to 122880 MiB in steps of 8192",
        ),
    ],
)
def test_words_of_a_refusal(cpu: int, memory: int, problem: str) -> None:
    assert fargate_problem(cpu, memory) == problem


def test_a_refusal_says_what_would_fit() -> None:
    assert "the nearest that fits is (1024, 8192)" in (fargate_problem(256, 8192) or "")


def test_more_than_the_largest_task_is_refused() -> None:
    with pytest.raises(ValueError, match="more than Fargate's largest task, 16384 and 122880 MiB"):
        nearest_fargate_size(16384, 200_000)
