"""Every resource has a price, the tiers are within their targets, and the README says what they cost."""

import re
from decimal import Decimal
from typing import Any

import pytest

from components.config.tiers import TIERS
from ops.costs.estimate import estimate_of
from ops.costs.model import Estimate
from ops.costs.prices import prices
from ops.costs.readme import README, written
from ops.costs.usage import usage
from ops.engine.report import as_dict, print_tree

TARGETS = {"micro": Decimal(20), "learning": Decimal(35), "standard": Decimal(85)}
BY_TIER = [pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}")) for tier in TIERS]
CLOSE = Decimal("0.50")  # `make docs` brings the README to the cent


def priced(graph: Any, stack: str, tier: str) -> Estimate:
    return estimate_of(as_dict(graph(stack, tier, preview=False)), usage())


@pytest.mark.parametrize("tier", BY_TIER)
def test_every_line_has_a_dated_source(graph: Any, tier: str) -> None:
    for stack in ("dev", "prod"):
        found = priced(graph, stack, tier)
        known = prices(found.region)
        assert len(found.lines) > 20
        for line in found.lines:
            source = known[line.price].source
            assert source.published, line
            assert source.address.startswith("https://"), line


@pytest.mark.parametrize("tier", [one for one in BY_TIER if one.values[0] in TARGETS])
def test_tiers_are_within_their_targets(graph: Any, tier: str) -> None:
    found = priced(graph, "dev", tier)
    assert found.budget == TARGETS[tier]
    assert found.usd <= TARGETS[tier]


@pytest.mark.xdist_group("graph-dev-learning")
def test_preview_shows_the_budget(graph: Any, capsys: pytest.CaptureFixture[str]) -> None:
    print_tree(graph("dev", "learning"))
    assert "budget: 35.00 USD a month; `python -m ops cost dev` compares" in capsys.readouterr().out


@pytest.mark.parametrize("tier", BY_TIER)
def test_readme_says_what_a_tier_costs(graph: Any, tier: str) -> None:
    header, *lines = written(README.read_text(encoding="utf-8")).splitlines()
    column = [cell.strip() for cell in header.split("|")].index(tier)
    (sums,) = [line for line in lines if "**sum**" in line]
    (says,) = re.findall(r"[\d,.]+", sums.split("|")[column])
    assert abs(Decimal(says.replace(",", "")) - priced(graph, "dev", tier).usd) < CLOSE, "run make docs"
