"""Small stacks to price: a provider, and the resources of a test."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from ops.costs.estimate import estimate
from ops.costs.model import Estimate, Graph, Line, Resource
from ops.costs.usage import Usage, usage

RECORDED = Path(__file__).parent / "graphs"


def resource(type_: str, label: str = "one", needs: Iterable[Resource] = (), /, **inputs: Any) -> Resource:
    """A resource of the component Thing; `needs` are what it depends on."""
    return Resource(
        urn=f"urn:pulumi:dev::p::{type_}::{label}",
        type=type_,
        name=label,
        parent="urn:pulumi:dev::p::mlops:index:Thing::thing",
        dependencies=frozenset(one.urn for one in needs),
        inputs=inputs,
    )


def stack(*resources: Resource, region: str = "us-east-1") -> Graph:
    """A stack of the resources, with the component and the provider."""
    component = Resource(
        urn="urn:pulumi:dev::p::mlops:index:Thing::thing",
        type="mlops:index:Thing",
        name="thing",
        parent=None,
        dependencies=frozenset(),
        inputs={},
    )
    provider = resource("pulumi:providers:aws", "aws", region=region)
    return Graph(stack="dev", tier="learning", resources=[component, provider, *resources])


def listed(*resources: Resource, region: str = "us-east-1", used: Usage | None = None) -> Estimate:
    """The stack's price with nothing taken off."""
    changed = used or usage()
    at_list_prices = Usage(**{**vars(changed), "always_free": Decimal(0)})
    return estimate(stack(*resources, region=region), at_list_prices)


def amounts(lines: Iterable[Line]) -> dict[str, str]:
    """What each line is for, to US dollars with four digits."""
    return {line.what: f"{line.usd:.4f}" for line in lines}


def recorded(tier: str) -> Graph:
    """A tier's graph as it was when its costs were computed by hand."""
    return Graph.of(json.loads((RECORDED / f"{tier}.json").read_text(encoding="utf-8")))
