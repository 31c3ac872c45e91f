"""`python -m ops preview STACK`: the resources and outputs of a stack, without creating anything."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.engine.model import EngineError
from ops.engine.runner import run

PROGRAM = Path(__file__).resolve().parents[2]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def preview(
    stack: Annotated[str, typer.Argument(help="A stack with a Pulumi.<stack>.yaml.")],
    tier: Annotated[str | None, typer.Option(help="Its cost tier, instead of the stack's own.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a config key; repeatable."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="TIER|FILE", help="Show what changes from that tier, or from a --json file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the resources as JSON.")] = False,
) -> None:
    """Show the resource tree and the outputs of a stack, creating nothing and asking no cloud.

    With --against, show instead what a deployed stack of that tier, or of that graph, would go through:
    what is created, updated, replaced and deleted.

    The exit code is 0, 1 when the program failed, and 2 for a wrong stack, option or config.
    """
    from ops.engine import report
    from ops.engine.against import changes_from

    try:
        config = overrides(settings or [], tier)
        if against is not None:
            deployment, found = changes_from(against, PROGRAM, stack=stack, config=config)
        else:
            deployment, found = run(PROGRAM, stack=stack, config=config), None
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    report.show_diagnostics(deployment)
    if deployment.exit_code == 0 and found is not None:
        report.print_changes_json(found) if as_json else report.print_changes(found)
    elif deployment.exit_code == 0:
        report.print_json(deployment) if as_json else report.print_tree(deployment)
    raise typer.Exit(deployment.exit_code)


def overrides(settings: list[str], tier: str | None) -> dict[str, str]:
    """`--set` and `--tier` as config.

    Raises:
        EngineError: for a setting that is not `key=value`.
    """
    config = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not key or not equals:
            raise EngineError(f"--set takes KEY=VALUE, got {setting!r}")
        config[key] = value
    return config if tier is None else {**config, "tier": tier}
