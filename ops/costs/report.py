"""What a person, or a program, sees of an estimate."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.costs.model import Estimate, Line
from ops.costs.prices import Prices, prices

OLD_DAYS = 90
_BAR = 40


def money(usd: Decimal) -> str:
    """US dollars to the cent."""
    return f"{usd:,.2f}"


def as_dict(estimate: Estimate, today: date) -> dict[str, Any]:
    """An estimate as JSON types; amounts are text, exact."""
    low, high = estimate.range
    used = prices(estimate.region)
    return {
        "stack": estimate.stack,
        "tier": estimate.tier,
        "region": estimate.region,
        "usd_a_month": str(estimate.usd),
        "list_usd_a_month": str(estimate.list_usd),
        "spot_range_usd": [str(low), str(high)],
        "budget_usd": str(estimate.budget),
        "lines": [_line_dict(line, used) for line in estimate.lines],
        "free": dict(estimate.free),
        "notes": list(footnotes(estimate, today)),
    }


def print_estimate(estimate: Estimate, today: date, console: Console) -> None:
    """Every line below its component, then the sums."""
    table = Table(
        "resource", "what", "quantity", "unit", "USD each", "USD a month", "", box=None, header_style="bold"
    )
    for column in (2, 4, 5):
        table.columns[column].justify = "right"
    ordered = list(estimate.by_component)
    lines = sorted(estimate.lines, key=lambda line: (ordered.index(line.component), -line.usd, line.resource))
    for component, found in groupby(lines, key=lambda line: line.component):
        table.add_row(
            f"[bold]{escape(component)}[/bold]", "", "", "", "", money(estimate.by_component[component])
        )
        for line in found:
            table.add_row(
                f"  {escape(line.resource)}",
                escape(line.what),
                f"{line.quantity:,.6g}" if abs(line.quantity) < 1000 else f"{line.quantity:,.0f}",
                line.unit,
                f"{line.usd_each.normalize():f}",
                f"{line.usd:,.4f}",
                escape(line.note),
                style="" if abs(line.usd) >= Decimal("0.01") else "dim",
            )
    console.print(table)
    console.print(f"free: {', '.join(_short(type_) for type_ in estimate.free)}", style="dim")
    console.print(summary(estimate))
    for note in footnotes(estimate, today):
        console.print(note, style="yellow")


def summary(estimate: Estimate) -> str:
    """One line: what it costs, at list prices, with spot prices at both ends, against the budget."""
    low, high = estimate.range
    spot = f"; {money(low)} to {money(high)} as spot prices move" if low != high else ""
    budget = (
        f"; the budget is {money(estimate.budget)}: {'exceeded' if exceeded(estimate) else 'kept'}"
        if estimate.budget
        else ""
    )
    return (
        f"{estimate.stack}, tier {estimate.tier}, {estimate.region}: {money(estimate.usd)} USD a month, "
        f"{money(estimate.list_usd)} without what is always free{spot}{budget}"
    )


def exceeded(estimate: Estimate) -> bool:
    """Whether the stack costs more than its budget."""
    return bool(estimate.budget) and estimate.usd > estimate.budget


def print_comparison(estimates: Sequence[Estimate], today: date, console: Console) -> None:
    """The estimates side by side, by component, with a bar for each sum and what the source designs say."""
    table = Table("USD a month", box=None, header_style="bold")
    for one in estimates:
        table.add_column(one.tier, justify="right")
    for component, amounts in by_component(estimates):
        table.add_row(component, *(money(amount) if amount else "" for amount in amounts))
    table.add_row("[bold]sum[/bold]", *(f"[bold]{money(one.usd)}[/bold]" for one in estimates))
    table.add_row("at list prices", *(money(one.list_usd) for one in estimates))
    table.add_row("as spot prices move", *(spot_range(one) for one in estimates))
    table.add_row("budget", *(money(one.budget) if one.budget else "-" for one in estimates))
    console.print(table)
    most = max(one.usd for one in estimates) or Decimal(1)
    for one in estimates:
        console.print(f"{one.tier:>12} {'█' * max(1, round(_BAR * one.usd / most))} {money(one.usd)}")
    console.print("\nWhat the source designs say of themselves:")
    for name, says, near in SOURCE_DESIGNS:
        console.print(f"  {name}: {says} USD a month; nearest tier: {near}")
    for note in sorted({note for one in estimates for note in footnotes(one, today)}):
        console.print(note, style="yellow")


def spot_range(estimate: Estimate) -> str:
    """The sum with the lowest and the highest spot prices; empty without spot capacity."""
    low, high = estimate.range
    return "" if low == high else f"{low:.0f} - {high:.0f}"


def by_component(estimates: Sequence[Estimate]) -> Iterator[tuple[str, list[Decimal]]]:
    """Each component with its amount in every estimate, in the order of their sizes."""
    sums = [one.by_component for one in estimates]
    names = {name for one in sums for name in one}
    for name in sorted(names, key=lambda name: (-sum(one.get(name, Decimal(0)) for one in sums), name)):
        yield name, [one.get(name, Decimal(0)) for one in sums]


# The designs that this platform grew from, what each says that it costs, and the tier that is nearest to it.
SOURCE_DESIGNS = (
    ("EC2 with Docker Compose", "30 - 50", "learning"),
    ("Fargate", "90 - 120", "standard"),
    ("AutoML on Fargate", "75 - 100", "standard"),
    ("ML workstation", "67", "none: one instance around the clock, and a NAT gateway"),
)


def footnotes(estimate: Estimate, today: date) -> Iterator[str]:
    """How old the prices are when they are old, and which of them no source confirmed for the region."""
    used = prices(estimate.region)
    found = {line.price: used[line.price].source for line in estimate.lines}
    if found:
        oldest = min(source.published for source in found.values())
        days = (today - oldest).days
        if days > OLD_DAYS:
            yield (
                f"the oldest price is of {oldest}, {days} days ago; `python -m ops cost refresh` renews them "
                "from AWS's Price List"
            )
    doubtful = sorted(key for key, source in found.items() if not source.confirmed)
    if doubtful:
        usd = sum(
            (line.usd for line in estimate.lines if line.price in doubtful and line.quantity > 0), Decimal(0)
        )
        yield (
            f"not confirmed by a source for {estimate.region}, {money(usd)} USD of the sum: "
            f"{', '.join(doubtful)}"
        )


def _line_dict(line: Line, used: Prices) -> Mapping[str, Any]:
    price = used[line.price]
    return {
        "component": line.component,
        "resource": line.resource,
        "what": line.what,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "usd_each": str(line.usd_each),
        "usd": str(line.usd),
        "note": line.note,
        "price": line.price,
        "list_usd_each": str(price.usd),
        "sku": price.sku,
        "service": price.service,
        "usage_type": price.usage_type,
        "source": price.source.address,
        "published": price.source.published.isoformat(),
        "confirmed": price.source.confirmed,
    }


def _short(token: str) -> str:
    package, module, name = token.split(":")
    return ".".join((package, module.partition("/")[0], name))
