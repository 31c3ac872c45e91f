"""Prices a graph: every resource by its rule, or an error that says where the rule belongs."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from ops.costs.allowances import allowances
from ops.costs.model import COMPONENT, CostError, Estimate, Graph, Line, Resource
from ops.costs.prices import prices
from ops.costs.pricing import Free, Pricing, Rules
from ops.costs.rules import FREE, RULES
from ops.costs.usage import Usage

BUDGET = "aws:budgets/budget:Budget"


def estimate(graph: Graph, usage: Usage, *, rules: Rules = RULES, free: Free = FREE) -> Estimate:
    """What the stack of `graph` costs a month.

    Raises:
        CostError: a type has no rule, a price is missing, or the region has no prices.
    """
    if unknown := unpriced((one.type for one in graph.resources), rules, free):
        raise CostError(
            f"no price rule for {', '.join(unknown)}; add a function to the RULES of the service's module in "
            "ops/costs/rules, or the type and why it costs nothing to FREE there"
        )
    at = Pricing(graph=graph, usage=usage, prices=prices(graph.region))
    lines = [line for one in graph.resources for line in _lines(one, at, rules)]
    types = {one.type for one in graph.resources}
    return Estimate(
        stack=graph.stack,
        tier=graph.tier,
        region=graph.region,
        lines=[*lines, *allowances(lines, usage.always_free)],
        free={type_: free[type_] for type_ in sorted(types & free.keys())},
        budget=_budget(graph),
    )


def estimate_of(shown: Mapping[str, Any], usage: Usage) -> Estimate:
    """The same for a `preview --json`, or for the same from an update."""
    return estimate(Graph.of(shown), usage)


def unpriced(types: Iterable[str], rules: Rules = RULES, free: Free = FREE) -> list[str]:
    """The types that have no rule and are not listed as free; components are neither."""
    return sorted({one for one in types if not one.startswith(COMPONENT)} - rules.keys() - free.keys())


def _lines(one: Resource, at: Pricing, rules: Rules) -> Iterator[Line]:
    if one.type not in rules:
        return
    try:
        yield from (line for line in rules[one.type](one, at) if line.quantity)
    except (KeyError, StopIteration, ValueError) as error:
        raise CostError(f"{one.urn}: its rule in ops/costs/rules cannot price it: {error!r}") from error


def _budget(graph: Graph) -> Decimal:
    """The monthly limit of the stack's budget, 0 without one."""
    return sum((Decimal(str(one.inputs["limitAmount"])) for one in graph.all(BUDGET)), Decimal(0))
