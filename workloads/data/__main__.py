"""`python -m workloads.data`: get months of trips, and take them into the data bucket."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workloads.data.ingest_command import ingest, setup

if TYPE_CHECKING:
    from rich.console import Console

    from workloads.data.fetch import Months

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
    dataset: Annotated[str, typer.Option(envvar="DATASET", help="green or yellow.")] = "green",
    as_json: Annotated[bool, typer.Option("--json", help="Print the source and the files as JSON.")] = False,
) -> None:
    """Find months in the data bucket, in MLOPS_DATA_DIR, in the cache (MLOPS_CACHE_DIR) or on TLC's site.

    Every file is checked: its columns, and whether it holds usable trips of the whole month in its name.
    """
    from rich.console import Console

    from workloads.data.fetch import copy_into
    from workloads.data.fetch import fetch as find
    from workloads.data.months import DataError, dataset_named
    from workloads.data.quality import require, rides

    console = Console(stderr=True)
    try:
        described = dataset_named(dataset)
        with _progress_bars(console) as progress:
            found = find(
                months, data=data, environ=os.environ,
                allow_synthetic=allow_synthetic, bucket=data_bucket, dataset=described, progress=progress,
            )  # fmt: skip
        for month, path in found.files.items():
            require(rides(path, month, described).checks(), path)
        found = copy_into(found, into) if into else found
    except DataError as error:
        print(f"data: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    if found.source == "synthetic":
        console.print("these trips are synthetic, not TLC's", soft_wrap=True)
    _print(found, as_json=as_json)


def _print(found: "Months", *, as_json: bool) -> None:
    if as_json:
        files = {month: str(path) for month, path in found.files.items()}
        print(json.dumps({"source": found.source, "files": files}))
        return
    for month, path in found.files.items():
        print(f"{month}  {found.source}  {path}")


app.command()(ingest)
app.command()(setup)


@contextmanager
def _progress_bars(console: "Console") -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each month that is downloaded, moved by calls with the month, its bytes so far and in all."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(month: str, done: int, total: int) -> None:
            if month not in tasks:
                tasks[month] = bars.add_task(month)
            bars.update(tasks[month], completed=done, total=total or None)

        yield progress


if __name__ == "__main__":
    app(prog_name="python -m workloads.data")
