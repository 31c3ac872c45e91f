"""What costs are computed from and what they are: a graph's resources, and lines of a month's bill."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

COMPONENT = "mlops:index:"
CENT = Decimal("0.01")


class CostError(Exception):
    """Nothing can be computed as asked; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as `preview --json` shows it; `inputs` have the provider's camelCase names."""

    urn: str
    type: str
    name: str
    parent: str | None
    dependencies: frozenset[str]
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The resources of one stack, and how they hang together."""

    stack: str
    tier: str
    resources: Sequence[Resource]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Graph":
        """The graph in `preview --json`, or in the same from an update, where every value is known."""
        resources = [
            Resource(
                urn=one["urn"],
                type=one["type"],
                name=one["name"],
                parent=one["parent"],
                dependencies=frozenset(one["dependencies"]),
                inputs=one["inputs"],
            )
            for one in shown["resources"]
        ]
        return cls(stack=shown["stack"], tier=shown["tier"], resources=resources)

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Resources by URN."""
        return {one.urn: one for one in self.resources}

    def all(self, type_: str) -> list[Resource]:
        """Every resource of a type."""
        return [one for one in self.resources if one.type == type_]

    def needed_by(self, resource: Resource, type_: str) -> Iterator[Resource]:
        """The resources of a type that `resource` depends on."""
        return (one for one in self.all(type_) if one.urn in resource.dependencies)

    def needing(self, resource: Resource, type_: str) -> Iterator[Resource]:
        """The resources of a type that depend on `resource`."""
        return (one for one in self.all(type_) if resource.urn in one.dependencies)

    def component(self, resource: Resource) -> str:
        """The nearest component that a resource belongs to, such as Streaming, or the stack."""
        at: Resource | None = resource
        while at is not None and not at.type.startswith(COMPONENT):
            at = self.by_urn.get(at.parent or "")
        return at.type.removeprefix(COMPONENT) if at else "Stack"

    @cached_property
    def region(self) -> str:
        """The region of the stack's provider.

        Raises:
            CostError: there is no provider that names one.
        """
        for provider in self.all("pulumi:providers:aws"):
            if region := provider.inputs.get("region"):
                return str(region)
        raise CostError("the stack has no AWS provider with a region; set aws:region in its config")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a month's bill: `quantity` units at `usd_each`, both exact.

    `price` names the price, `low` and `high` are shares of the amount between which a spot price moves, and
    `note` says what the quantity or the price hides.
    """

    component: str
    resource: str
    what: str
    quantity: Decimal
    unit: str
    price: str
    usd_each: Decimal
    note: str = ""
    low: Decimal = Decimal(1)
    high: Decimal = Decimal(1)

    @property
    def usd(self) -> Decimal:
        """US dollars a month."""
        return self.quantity * self.usd_each


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stack costs a month; `free` has the types without a price and why, `budget` is 0 without one."""

    stack: str
    tier: str
    region: str
    lines: Sequence[Line]
    free: Mapping[str, str] = field(default_factory=dict)
    budget: Decimal = Decimal(0)

    @property
    def usd(self) -> Decimal:
        """What the bill comes to, to the cent, with what is always free taken off."""
        return sum((line.usd for line in self.lines), Decimal(0)).quantize(CENT)

    @property
    def list_usd(self) -> Decimal:
        """The same at list prices alone, with nothing taken off."""
        return sum((line.usd for line in self.lines if line.quantity > 0), Decimal(0)).quantize(CENT)

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        """The sum with the lowest and with the highest spot prices."""
        low = sum((line.usd * line.low for line in self.lines), Decimal(0))
        high = sum((line.usd * line.high for line in self.lines), Decimal(0))
        return low.quantize(CENT), high.quantize(CENT)

    @property
    def by_component(self) -> Mapping[str, Decimal]:
        """US dollars a month of each component, the dearest first."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            sums[line.component] = sums.get(line.component, Decimal(0)) + line.usd
        return dict(sorted(sums.items(), key=lambda item: -item[1]))
