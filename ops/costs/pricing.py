"""What a rule works with: the graph, the usage and the prices of a region."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from ops.costs.model import Graph, Line, Resource
from ops.costs.prices import Prices, Spot, spot
from ops.costs.usage import Usage

HOURS = Decimal(730)  # of a month: 365 days of 24 hours, by 12, as AWS's own calculator reckons
DAYS = HOURS / 24
_WEEK = Decimal(168)
_CRON = re.compile(r"cron\((\d+) (\d+) \S+ \S+ (\S+) \S+\)")
SCHEDULE = "aws:scheduler/schedule:Schedule"


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """Makes a rule's lines for one stack."""

    graph: Graph
    usage: Usage
    prices: Prices

    def line(
        self,
        resource: Resource,
        what: str,
        quantity: Decimal | int,
        price: str,
        note: str = "",
        capacity: str = "",
    ) -> Line:
        """A line of `resource`; `capacity` is `ec2` or `fargate` where its price is that of spot capacity."""
        found = self.prices[price]
        share = spot(capacity) if capacity else Spot(share=Decimal(1), low=Decimal(1), high=Decimal(1))
        if capacity:
            note = "; ".join(filter(None, (note, f"spot at {share.share:.0%} of the list price")))
        return Line(
            component=self.graph.component(resource),
            resource=resource.name,
            what=what,
            quantity=Decimal(quantity),
            unit=found.unit,
            price=price,
            usd_each=found.usd * share.share,
            note=note,
            low=share.low / share.share,
            high=share.high / share.share,
        )

    def hours(self, resource: Resource) -> Decimal:
        """The hours of a month in which `resource` runs: all, or those of its schedules or its users."""
        if self._is_workstation(resource):
            return min(self.usage.workstation_hours, HOURS)
        schedules = list(self.graph.needing(resource, SCHEDULE))
        starts = [one for one in schedules if one.name.endswith("-start")]
        stops = [one for one in schedules if one.name.endswith("-stop")]
        if not starts or not stops:
            return HOURS
        opened, days = _at(starts[0].inputs["scheduleExpression"])
        closed, _ = _at(stops[0].inputs["scheduleExpression"])
        return HOURS * days * (closed - opened) / _WEEK

    def hours_note(self, resource: Resource) -> str:
        """What a line says of hours that are not all of them."""
        hours = self.hours(resource)
        if self._is_workstation(resource):
            return f"used for {hours:.0f} of {HOURS} h"
        return "" if hours == HOURS else f"office hours, {hours:.0f} of {HOURS} h"

    def _is_workstation(self, resource: Resource) -> bool:
        """Whether its users start it and idleness stops it."""
        return self.graph.component(resource) == "Workstation"


Rule: TypeAlias = Callable[[Resource, Pricing], Iterator[Line]]
Rules: TypeAlias = Mapping[str, Rule]
Free: TypeAlias = Mapping[str, str]


def _at(expression: str) -> tuple[Decimal, int]:
    """The hour of the day and the days a week of a schedule's cron expression."""
    found = _CRON.fullmatch(expression)
    if found is None:
        raise ValueError(f"{expression!r} is no cron expression of hours and days")
    minute, hour, days = found.groups()
    return Decimal(hour) + Decimal(minute) / 60, 7 if days in "?*" else len(days.split(","))
