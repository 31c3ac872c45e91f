"""`python -m ops config`: the config keys, for a person or a program."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

app = typer.Typer(help="List the config keys and what each tier makes of them.")


@app.command()
def config(
    search: Annotated[str, typer.Argument(help="Show only keys whose name or description holds this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the keys as JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/configuration.md.")] = False,
) -> None:
    """List the config keys; the exit code is 1 when nothing matches."""
    from ops.config.reference import keys, markdown, shown

    if as_markdown:
        print(markdown(), end="")
        return
    word = search.lower()
    found = [key for key in keys() if word in f"{key.name} {key.description}".lower()]
    if as_json:
        print(json.dumps([asdict(key) for key in found]))
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table("key", "default (micro / learning / standard / production)", "what it does")
        for key in found:
            default = " / ".join(map(shown, key.tiers.values())) or shown(key.default)
            table.add_row(key.name, default, key.description)
        Console().print(table)
    if not found:
        raise typer.Exit(1)
