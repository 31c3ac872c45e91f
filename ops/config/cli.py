"""`python -m ops config`: the config keys, for a person, a program, or the files that list them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="List the config keys and what each tier makes of them.")
ROOT = Path(__file__).parents[2]
PROJECT_FILE, REFERENCE = ROOT / "Pulumi.yaml", ROOT / "docs" / "configuration.md"


@app.command()
def config(
    search: Annotated[str, typer.Argument(help="Show only keys whose name or description holds this.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the keys as JSON.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write Pulumi.yaml's schema and docs/configuration.md.")
    ] = False,
) -> None:
    """List the config keys; the exit code is 1 when nothing matches."""
    from components.config.reference import shown
    from components.settings import KEYS

    if write:
        for path, text in generated().items():
            path.write_text(text)
        return
    word = search.lower()
    found = [key for key in KEYS if word in f"{key.name} {key.description}".lower()]
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


def generated() -> dict[Path, str]:
    """The files that are generated from the keys' declarations, with what they should hold."""
    from components.config.project_file import with_schema
    from components.config.reference import reference
    from components.settings import KEYS

    return {
        PROJECT_FILE: with_schema(PROJECT_FILE.read_text(), KEYS),
        REFERENCE: reference(KEYS),
    }
