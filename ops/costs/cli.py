"""`python -m ops cost`: what a stack costs a month, before anything exists."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from components.config.tiers import TIERS


class _StackByDefault(TyperGroup):
    """`cost dev` is `cost stack dev`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["stack", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_StackByDefault,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Price a stack from its resources (`cost STACK`), renew the prices, write the README's table.",
)


_Stack = Annotated[str, typer.Argument(metavar="STACK", help="A stack with a Pulumi.<stack>.yaml.")]
_Tiers = Annotated[
    list[str] | None, typer.Option(help="Its cost tier, instead of the stack's own; several compare.")
]
_Compare = Annotated[bool, typer.Option("--compare", help="Show all four tiers side by side.")]
_Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a config key; repeatable.")
]
_Usage = Annotated[
    str | None,
    typer.Option(metavar="FILE|cloudwatch", help="Usage instead of the defaults, or a running stack's own."),
]
_Against = Annotated[
    str | None,
    typer.Option(
        metavar="TIER|FILE|COMMIT",
        help="Show what differs from that tier without --set, that `preview --json`, or that commit.",
    ),
]
_Variants = Annotated[
    bool, typer.Option("--variants/--no-variants", help="Show what else one stack could be.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page for a browser.")]


@app.command()
def stack(
    name: _Stack,
    tier: _Tiers = None,
    compare: _Compare = False,
    settings: _Settings = None,
    usage: _Usage = None,
    against: _Against = None,
    variants: _Variants = True,
    as_json: _Json = False,
    html: _Html = None,
) -> None:
    """Price every resource of a stack, creating nothing and asking no cloud.

    The exit code is 1 when a stack costs more than its monthlyBudgetUsd, and 2 for a wrong option or config,
    or a resource type without a price rule.
    """
    from ops.costs.command import Options, show
    from ops.costs.model import CostError
    from ops.engine.cli import overrides
    from ops.engine.model import EngineError

    try:
        kept = show(
            Options(
                stack=name,
                tiers=TIERS if compare else tuple(tier or ()),
                config=overrides(settings or [], None),
                usage=usage,
                against=against,
                variants=variants,
                as_json=as_json,
                html=html,
            )
        )
    except (CostError, EngineError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if kept else 1)


@app.command()
def refresh(
    region: Annotated[list[str] | None, typer.Option(help="Renew only this region; repeatable.")] = None,
) -> None:
    """Renew the prices from the AWS Price List API; the exit code is 1 if some are left."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.costs.prices import REGIONS, today
    from ops.costs.refresh import refresh as renew

    if wrong := [one for one in region or () if one not in REGIONS]:
        print(f"error: --region: got {', '.join(wrong)}, allowed: {', '.join(REGIONS)}", file=sys.stderr)
        raise typer.Exit(2)
    try:
        client: Any = boto3.client("pricing", region_name="us-east-1")
        outcome = renew(client, region or REGIONS, today())
    except (BotoCoreError, ClientError) as error:
        print(f"error: the Price List API cannot be asked: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    for one in outcome.renewed:
        if one.before != one.after:
            print(f"{one.key}, {one.region}: {one.before:f} -> {one.after:f} USD")
    for text in outcome.left:
        print(f"left as it is: {text}", file=sys.stderr)
    print(
        f"{len(outcome.renewed)} prices are as AWS's Price List has them today, {len(outcome.left)} are left"
    )
    raise typer.Exit(1 if outcome.left else 0)


@app.command()
def table(
    name: _Stack = "dev",
    write: Annotated[bool, typer.Option("--write", help="Write it into README.md.")] = False,
) -> None:
    """Print the README's table of what the tiers cost."""
    from ops.costs.command import estimates
    from ops.costs.readme import README, with_table
    from ops.costs.readme import table as made
    from ops.costs.usage import usage

    text = made(estimates(name, TIERS, {}, usage()))
    if write:
        README.write_text(with_table(README.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        print(text)
