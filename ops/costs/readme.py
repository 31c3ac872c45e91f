"""The README's table of what the tiers cost, written between two markers."""

from collections.abc import Sequence
from pathlib import Path

from ops.costs.model import Estimate
from ops.costs.report import by_component, money, spot_range

README = Path(__file__).resolve().parents[2] / "README.md"
START, END = "<!-- costs: make docs writes this table -->", "<!-- end of costs -->"


def table(estimates: Sequence[Estimate]) -> str:
    """The tiers side by side, in Markdown."""
    rows = [
        ("USD a month", *(one.tier for one in estimates)),
        ("---", *("--:" for _ in estimates)),
        *(
            (name, *(money(usd) if usd else "" for usd in amounts))
            for name, amounts in by_component(estimates)
        ),
        ("**sum**", *(f"**{money(one.usd)}**" for one in estimates)),
        ("at list prices", *(money(one.list_usd) for one in estimates)),
        ("as spot prices move", *(spot_range(one) for one in estimates)),
        ("budget", *(money(one.budget) if one.budget else "none" for one in estimates)),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(readme: str, made: str) -> str:
    """The README's text with what is between the markers replaced."""
    head, _, rest = readme.partition(START)
    _, _, tail = rest.partition(END)
    return f"{head}{START}\n{made}\n{END}{tail}"


def written(readme: str) -> str:
    """The table that stands in the README's text."""
    return readme.partition(START)[2].partition(END)[0].strip()
