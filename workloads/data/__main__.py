"""`python -m workloads.data`: get months of trips."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Get months of trips."
)


@app.callback()
def _data() -> None:
    """Get months of trips."""


@app.command()
def fetch(
    months: Annotated[list[str], typer.Argument(help="Months as YYYY-MM.")],
    data: Annotated[
        Path | None, typer.Option(help="A folder with TLC's files; without it, see below.")
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Copy the files into this folder.")] = None,
    data_bucket: Annotated[
        str, typer.Option(envvar="DATA_BUCKET", help="A stack's data bucket, to look in first.")
    ] = "",
    allow_synthetic: Annotated[
        bool, typer.Option("--allow-synthetic", help="Generate trips where none can be had.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the source and the files as JSON.")] = False,
) -> None:
    """Find months in the data bucket, in MLOPS_DATA_DIR, in the cache (MLOPS_CACHE_DIR) or on TLC's site.

    Every file is checked: its columns, and whether it holds usable trips of the whole month in its name.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

    from workloads.data.fetch import copy_into
    from workloads.data.fetch import fetch as find
    from workloads.data.months import DataError
    from workloads.data.quality import require, rides

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(month: str, done: int, total: int) -> None:
            if month not in tasks:
                tasks[month] = bar.add_task(month)
            bar.update(tasks[month], completed=done, total=total or None)

        try:
            found = find(
                months,
                data=data,
                environ=os.environ,
                allow_synthetic=allow_synthetic,
                bucket=data_bucket,
                progress=progress,
            )
            for month, path in found.files.items():
                require(rides(path, month).checks(), path)
            found = copy_into(found, into) if into else found
        except DataError as error:
            print(f"data: {error}", file=sys.stderr)
            raise typer.Exit(error.exit_code) from None
    if found.source == "synthetic":
        console.print("these trips are synthetic, not TLC's", soft_wrap=True)
    if as_json:
        files = {month: str(path) for month, path in found.files.items()}
        print(json.dumps({"source": found.source, "files": files}))
    else:
        for month, path in found.files.items():
            print(f"{month}  {found.source}  {path}")


if __name__ == "__main__":
    app(prog_name="python -m workloads.data")
