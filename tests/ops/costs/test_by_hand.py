"""All four tiers against sums that were made by hand, in `by_hand.md`, line by line and to the cent."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from components.config.tiers import TIERS
from ops.costs.estimate import estimate
from ops.costs.model import CENT
from ops.costs.usage import usage
from tests.ops.costs.stacks import recorded

PAGE = (Path(__file__).parent / "by_hand.md").read_text(encoding="utf-8")
FINE = Decimal("0.0001")
OPERATORS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def rows(tier: str) -> Iterator[tuple[str, str, Decimal]]:
    """A tier's lines: the price, the arithmetic, US dollars."""
    section = PAGE.split(f"\n## {tier}\n")[1].split("\n## ")[0]
    for price, arithmetic, usd in re.findall(r"\| ([a-z][\w. -]+) \|[^|]*\| (.+) \| (\S+) \|", section):
        if price != "price":
            yield price, arithmetic, Decimal(usd)


def total(tier: str) -> Decimal:
    """The sum that stands below them."""
    section = PAGE.split(f"\n## {tier}\n")[1].split("\n## ")[0]
    (found,) = re.findall(r"\| \*\*sum\*\* \| \| \| \*\*(\S+)\*\* \|", section)
    return Decimal(found)


def worked_out(node: ast.expr) -> Decimal:
    """Arithmetic with exact decimals."""
    match node:
        case ast.BinOp():
            return OPERATORS[type(node.op)](worked_out(node.left), worked_out(node.right))
        case ast.UnaryOp(op=ast.USub()):
            return -worked_out(node.operand)
        case ast.Constant():
            return Decimal(str(node.value))
    raise AssertionError(ast.dump(node))


@pytest.mark.parametrize("tier", TIERS)
def test_the_arithmetic_is_right(tier: str) -> None:
    found = list(rows(tier))
    assert len(found) > 25
    sums = [worked_out(ast.parse(arithmetic, mode="eval").body) for _, arithmetic, _ in found]
    assert [usd.quantize(FINE) for usd in sums] == [usd for _, _, usd in found]
    assert sum(sums, Decimal(0)).quantize(CENT) == total(tier)


@pytest.mark.parametrize("tier", TIERS)
def test_every_line_agrees(tier: str) -> None:
    computed: dict[str, Decimal] = {}
    for line in estimate(recorded(tier), usage()).lines:
        price = line.price if line.quantity > 0 else f"free {line.price}"
        computed[price] = computed.get(price, Decimal(0)) + line.usd
    by_hand = {price: usd for price, _, usd in rows(tier)}
    assert {price: usd.quantize(FINE) for price, usd in computed.items()} == by_hand


@pytest.mark.parametrize("tier", TIERS)
def test_the_sum_agrees_to_the_cent(tier: str) -> None:
    assert estimate(recorded(tier), usage()).usd == total(tier)
