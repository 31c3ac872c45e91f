"""What a change of the config costs: two estimates, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.costs.model import Estimate
from ops.costs.report import money

_Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A line of one of two bills, or of both: US dollars a month before and after."""

    component: str
    resource: str
    what: str
    before: Decimal
    after: Decimal

    @property
    def usd(self) -> Decimal:
        """What it adds; negative for a saving."""
        return self.after - self.before


def differences(before: Estimate, after: Estimate) -> list[Difference]:
    """The lines whose amounts differ, the greatest difference first."""
    old, new = _amounts(before), _amounts(after)
    found = [
        Difference(
            component=key[0],
            resource=key[1],
            what=key[2],
            before=old.get(key, Decimal(0)),
            after=new.get(key, Decimal(0)),
        )
        for key in old.keys() | new.keys()
    ]
    changed = [one for one in found if one.usd]
    return sorted(changed, key=lambda one: (-abs(one.usd), one.component, one.resource, one.what))


def print_differences(before: Estimate, after: Estimate, named: str, console: Console) -> None:
    """Lists them, with both sums."""
    table = Table("component", "resource", "what", named, "now", "difference", box=None, header_style="bold")
    for column in (3, 4, 5):
        table.columns[column].justify = "right"
    for one in differences(before, after):
        table.add_row(
            one.component,
            escape(one.resource),
            escape(one.what),
            money(one.before) if one.before else "",
            money(one.after) if one.after else "",
            f"{one.usd:+,.2f}",
        )
    table.add_row(
        "[bold]sum[/bold]",
        "",
        "",
        money(before.usd),
        money(after.usd),
        f"[bold]{after.usd - before.usd:+,.2f}[/bold]",
    )
    console.print(table)


def _amounts(estimate: Estimate) -> Mapping[_Key, Decimal]:
    amounts: dict[_Key, Decimal] = {}
    for line in estimate.lines:
        key = (line.component, line.resource, line.what)
        amounts[key] = amounts.get(key, Decimal(0)) + line.usd
    return amounts
