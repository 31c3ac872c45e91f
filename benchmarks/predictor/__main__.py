"""`python -m benchmarks.predictor`: sizes, cold starts, batches, memory, exactness and cost, side by side."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.predictor.cost import Cost, between, cost
from benchmarks.predictor.exactness import compare
from benchmarks.predictor.prepare import Prepared, prepare
from benchmarks.predictor.processes import measure, run
from benchmarks.predictor.sizes import megabytes, package

VARIANTS = ("peer", "numpy", "ours")
MEMORY_MIB = {"peer": 1024, "numpy": 512, "ours": 256}  # the least that each one's peak fits comfortably
RATES = (1, 100, 10_000)
console = Console(stderr=True)


def figures(folder: Path, repeats: int) -> dict[str, Any]:
    """Everything that is measured, as `--json` prints it."""
    with console.status("train the model, write events, start a local S3"), prepare(folder) as prepared:
        console.print("[dim]install and zip each one's packages[/]")
        sizes = {name: _sizes(name, folder, prepared) for name in VARIANTS}
        console.print(f"[dim]{repeats} loads and cold starts of each, and batches[/]")
        measured = measure(VARIANTS, folder, prepared.environment, repeats)
        variants = [{"name": name, **sizes[name], **measured[name]} for name in VARIANTS]
        bare = run("bare", "load", folder, prepared.environment)[0]["peak_rss_mb"]
        console.print("[dim]compare with xgboost.Booster.predict[/]")
        difference, records = compare(prepared)
    return {
        "variants": variants,
        "bare_rss_mb": round(bare, 2),
        "max_difference": difference,
        "records_compared": records,
        "cost": [{"name": variant["name"], **vars(line)} for variant in variants for line in costs(variant)],
    }


def _sizes(name: str, folder: Path, prepared: Prepared) -> dict[str, float]:
    where = folder / "ours" if name == "ours" else package(name, folder / f"packages/{name}")
    unzipped, zipped = megabytes(where)
    if name == "ours":
        zipped = prepared.zip_path.stat().st_size / 1e6
    return {"zip_mb": round(zipped, 2), "unzipped_mb": round(unzipped, 2)}


def costs(variant: dict[str, Any]) -> list[Cost]:
    """The cost of a variant at each rate."""
    seconds = between({size: variant[f"batch{size}_us"] for size in (1, 100, 500)})
    alone = variant["name"] == "peer"  # it writes every record on its own
    return [
        cost(
            rate,
            memory_mib=MEMORY_MIB[variant["name"]],
            cpu_seconds=seconds,
            puts=(lambda batch: batch) if alone else (lambda _batch: 1),
        )
        for rate in RATES
    ]


def show(found: dict[str, Any]) -> None:
    """The figures as tables, with ours as a multiple of the peer."""
    by_name = {variant["name"]: variant for variant in found["variants"]}
    table = Table("", *VARIANTS, "peer / ours", "numpy / ours", title="The same model on the same events")
    for key in by_name["ours"]:
        if key != "name":
            row = [by_name[name][key] for name in VARIANTS]
            ratios = [f"{value / row[2]:.1f} x" for value in row[:2]]
            table.add_row(key, *(f"{value:,.1f}" for value in row), *ratios)
    console.print(table)
    console.print(f"a bare interpreter's peak is {found['bare_rss_mb']} MB")
    console.print(
        f"the greatest difference from xgboost.Booster.predict on {found['records_compared']:,} rides "
        f"is {found['max_difference']}"
    )
    prices = Table("rides a second", "", "shards", "rides a batch", "busy at a time", "USD a million rides")
    for line in found["cost"]:
        prices.add_row(
            f"{line['rate']:,}", line["name"], str(line["shards"]), str(line["batch"]),
            f"{line['concurrency']:.2f}", f"{line['usd']:.3f}",
        )  # fmt: skip
    console.print(prices)


def main(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    repeats: Annotated[int, typer.Option(min=1, help="Fresh processes for each median.")] = 9,
) -> None:
    """Measure the predictor beside mlflow.pyfunc and beside the xgboost package with NumPy."""
    with tempfile.TemporaryDirectory() as folder:
        found = figures(Path(folder), repeats)
    if as_json:
        print(json.dumps(found))
    else:
        show(found)


if __name__ == "__main__":
    typer.run(main)
