"""The planner never moves a subnet, and what it places AWS accepts."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.cidr import plan, problems

Vpc = tuple[str, int]  # its range, and the prefix length of its subnets
ZONES = st.integers(min_value=1, max_value=6)


@st.composite
def vpcs(draw: st.DrawFn) -> Vpc:
    """A VPC's range and a subnet length of which it holds enough for six zones."""
    length = draw(st.integers(min_value=16, max_value=24))
    base = draw(st.integers(min_value=0, max_value=2**length - 1)) << (32 - length)
    return str(IPv4Network((base, length))), draw(st.integers(min_value=length + 4, max_value=28))


@pytest.mark.parametrize(
    ("zones", "public", "private"),
    [
        (2, ["10.0.1.0/24", "10.0.2.0/24"], ["10.0.3.0/24", "10.0.4.0/24"]),
        (
            3,
            ["10.0.1.0/24", "10.0.2.0/24", "10.0.5.0/24"],
            ["10.0.3.0/24", "10.0.4.0/24", "10.0.7.0/24"],
        ),
    ],
)
def test_the_default_range_gives_the_documented_subnets(
    zones: int, public: list[str], private: list[str]
) -> None:
    planned = plan("10.0.0.0/16", zones, 24)
    assert (list(planned.public), list(planned.private)) == (public, private)


@given(vpc=vpcs(), zones=ZONES, more=ZONES)
def test_adding_zones_moves_no_subnet(vpc: Vpc, zones: int, more: int) -> None:
    fewer, larger = sorted((zones, more))
    before, after = plan(*_args(vpc, fewer)), plan(*_args(vpc, larger))
    assert after.public[:fewer] == before.public
    assert after.private[:fewer] == before.private


@given(vpc=vpcs(), zones=ZONES)
def test_planned_subnets_lie_in_the_vpc_and_never_overlap(vpc: Vpc, zones: int) -> None:
    planned = plan(*_args(vpc, zones))
    assert len(planned.public) == len(planned.private) == zones
    assert list(problems(vpc[0], [*planned.public, *planned.private])) == []


@given(vpc=vpcs(), zones=ZONES, data=st.data())
def test_a_subnet_twice_is_an_overlap(vpc: Vpc, zones: int, data: st.DataObject) -> None:
    planned = plan(*_args(vpc, zones))
    subnets = [*planned.public, *planned.private]
    twice = data.draw(st.sampled_from(subnets))
    assert list(problems(vpc[0], [*subnets, twice])) == [f"{twice} and {twice} overlap"]


@given(
    length=st.integers(min_value=16, max_value=28),
    prefix=st.integers(min_value=16, max_value=28),
    zones=ZONES,
)
def test_a_plan_is_refused_exactly_when_the_range_is_too_small(length: int, prefix: int, zones: int) -> None:
    needed = (zones - 1) // 2 * 4 + (zones - 1) % 2 + 4  # the index of the last private subnet, plus one
    fits = prefix >= length and 2 ** (prefix - length) >= needed
    if fits:
        plan(f"10.0.0.0/{length}", zones, prefix)
    else:
        with pytest.raises(ValueError, match=f"need {needed}"):
            plan(f"10.0.0.0/{length}", zones, prefix)


@pytest.mark.parametrize("length", [16, 28])
def test_the_longest_and_the_shortest_range_are_accepted(length: int) -> None:
    assert list(problems(f"10.0.0.0/{length}", [f"10.0.0.0/{length}"])) == []


@pytest.mark.parametrize(
    ("vpc", "subnets", "problem"),
    [
        ("10.0.0.0/15", ["10.0.0.0/16"], "10.0.0.0/15 is not between /16 and /28"),
        ("10.0.0.0/29", [], "10.0.0.0/29 is not between /16 and /28"),
        ("10.0.0.0/16", ["10.0.0.0/29"], "10.0.0.0/29 is not between /16 and /28"),
        ("10.0.0.0/16", ["10.0.0.0/15"], "10.0.0.0/15 is not between /16 and /28"),
        ("10.0.0.0/16", ["10.1.0.0/24"], "10.1.0.0/24 is not within 10.0.0.0/16"),
        ("10.0.0.0/16", ["10.0.0.0/24", "10.0.0.128/25"], "10.0.0.0/24 and 10.0.0.128/25 overlap"),
    ],
)
def test_one_sentence_a_problem(vpc: str, subnets: list[str], problem: str) -> None:
    assert list(problems(vpc, subnets)) == [problem]


def test_subnets_larger_than_the_range_do_not_fit() -> None:
    with pytest.raises(
        ValueError, match=r"10.0.0.0/28 holds 0 subnets of /24 and 2 availability zones need 5"
    ):
        plan("10.0.0.0/28", 2, 24)
    with pytest.raises(ValueError, match=r"10.0.0.0/24 holds 1 subnets of /24"):
        plan("10.0.0.0/24", 2, 24)


def _args(vpc: Vpc, zones: int) -> tuple[str, int, int]:
    cidr, prefix = vpc
    return cidr, zones, prefix
