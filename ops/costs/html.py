"""The report as one HTML page with a chart, for a browser; it loads nothing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops.costs.model import Estimate
from ops.costs.prices import prices
from ops.costs.report import SOURCE_DESIGNS, by_component, footnotes, money, summary
from ops.costs.variants import Saving, managed

# Okabe and Ito's colours, which people who see few colours can tell apart: https://jfly.uni-koeln.de/color/
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")


def page(estimates: Sequence[Estimate], savings: Sequence[Saving], today: date) -> str:
    """The page for one estimate with what else it could be, or for several side by side."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    first = estimates[0]
    names = [name for name, usd in by_component(estimates) if any(one > 0 for one in usd)]
    return environment.get_template("report.html.j2").render(
        title=f"What {first.stack} costs a month in {first.region}",
        estimates=estimates,
        savings=savings,
        managed=managed(first),
        notes=sorted({note for one in estimates for note in footnotes(one, today)}),
        designs=SOURCE_DESIGNS,
        prices=prices(first.region).prices,
        colours={name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)},
        most=max(max(one.list_usd for one in estimates), Decimal("0.01")),
        money=money,
        summary=summary,
    )
