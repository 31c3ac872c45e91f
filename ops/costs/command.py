"""What `python -m ops cost STACK` does, from options to what is shown."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from components.config.tiers import TIERS
from ops.costs.actual import actual_usage
from ops.costs.changes import differences, print_differences
from ops.costs.estimate import estimate, estimate_of
from ops.costs.graphs import graph, graph_at, graphs
from ops.costs.html import page
from ops.costs.model import CostError, Estimate, Graph
from ops.costs.prices import today
from ops.costs.report import as_dict, exceeded, print_comparison, print_estimate
from ops.costs.usage import Usage, usage, with_changes
from ops.costs.variants import Saving, print_variants, savings

FROM_CLOUDWATCH = "cloudwatch"
_WIDTH = 160


@dataclass(frozen=True, kw_only=True)
class Options:
    """The command's options; `config` are keys that override the stack's, `tiers` none, one or several."""

    stack: str
    tiers: Sequence[str] = ()
    config: Mapping[str, str]
    usage: str | None = None
    against: str | None = None
    variants: bool = True
    as_json: bool = False
    html: Path | None = None


def show(options: Options) -> bool:
    """Prints what was asked for, and writes the page; whether every stack is within its budget.

    Raises:
        CostError: something cannot be priced, or an option has no sense with another.
    """
    if len(options.tiers) > 1:
        if options.against:
            raise CostError("--against compares one stack; give at most one --tier, and no --compare")
        return _show_several(options)
    config = {**options.config, **({"tier": options.tiers[0]} if options.tiers else {})}
    found = Graph.of(graph(options.stack, config))
    used = _usage(options, found)
    now = estimate(found, used)
    if options.against:
        _show_change(options, config, now, used)
        return not exceeded(now)
    others = savings(options.stack, config, found, now, used) if options.variants else []
    _write_page(options, [now], others)
    if options.as_json:
        _print_json({**as_dict(now, today()), "variants": [_saving(one) for one in others]})
    else:
        console = _console()
        print_estimate(now, today(), console)
        if others:
            print_variants(others, now, console)
    return not exceeded(now)


def estimates(stack: str, tiers: Sequence[str], config: Mapping[str, str], used: Usage) -> list[Estimate]:
    """What the stack costs on each tier, computed at the same time."""
    found = graphs(stack, [{**config, "tier": tier} for tier in tiers])
    return [estimate_of(one, used) for one in found]


def _show_several(options: Options) -> bool:
    if options.usage == FROM_CLOUDWATCH:
        raise CostError(
            "--usage cloudwatch reads one running stack; give at most one --tier, and no --compare"
        )
    used = _file_usage(options.usage)
    found = estimates(options.stack, options.tiers, options.config, used)
    _write_page(options, found, [])
    if options.as_json:
        _print_json({"tiers": [as_dict(one, today()) for one in found]})
    else:
        print_comparison(found, today(), _console())
    return not any(exceeded(one) for one in found)


def _show_change(options: Options, config: Mapping[str, str], now: Estimate, used: Usage) -> None:
    assert options.against is not None
    before = estimate_of(_before(options.against, options, config), used)
    if not options.as_json:
        print_differences(before, now, options.against, _console())
        return
    found = [
        {
            "component": one.component,
            "resource": one.resource,
            "what": one.what,
            "before_usd": str(one.before),
            "after_usd": str(one.after),
        }
        for one in differences(before, now)
    ]
    _print_json({"before_usd": str(before.usd), "after_usd": str(now.usd), "lines": found})


def _before(against: str, options: Options, config: Mapping[str, str]) -> Mapping[str, Any]:
    """The graph to compare with: of a tier without the overrides, of a file, or of a commit with them."""
    if against in TIERS:
        return graph(options.stack, {"tier": against})
    file = Path(against)
    if file.suffix == ".json":
        try:
            shown: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CostError(f"--against {file}: cannot be read as JSON: {error}") from None
        if "resources" not in shown:
            raise CostError(f"--against {file}: has no resources; make it with `preview STACK --json`")
        return shown
    return graph_at(against, options.stack, config)


def _usage(options: Options, found: Graph) -> Usage:
    if options.usage != FROM_CLOUDWATCH:
        return _file_usage(options.usage)
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client: Any = boto3.client("cloudwatch", region_name=found.region)
        actual = actual_usage(client, found, datetime.now(UTC))
    except (BotoCoreError, ClientError) as error:
        raise CostError(f"--usage cloudwatch: CloudWatch cannot be asked: {error}") from None
    return with_changes(actual, "--usage cloudwatch")


def _file_usage(file: str | None) -> Usage:
    return usage(Path(file) if file else None)


def _write_page(options: Options, found: Sequence[Estimate], others: Sequence[Saving]) -> None:
    if options.html:
        try:
            options.html.write_text(page(found, others, today()), encoding="utf-8")
        except OSError as error:
            raise CostError(f"--html {options.html}: cannot be written: {error}") from None


def _saving(one: Saving) -> dict[str, Any]:
    return {
        "config": dict(one.variant.config),
        "usd_a_month": str(one.sum),
        "saves_usd": str(one.usd),
        "gives_up": one.variant.gives_up,
    }


def _print_json(shown: Mapping[str, Any]) -> None:
    json.dump(shown, sys.stdout, indent=2)
    sys.stdout.write("\n")


def _console() -> Console:
    """As wide as the terminal, or wide enough for the table where the output goes into a file."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=_WIDTH)
