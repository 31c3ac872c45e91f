"""`python -m benchmarks.training`: the model beside linear regression, on two years' months."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from workloads.data.fetch import fetch
from workloads.data.months import DataError
from workloads.data.quality import rides
from workloads.training.baseline import linear
from workloads.training.model import fit, score

PAIRS = (("2021-01", "2021-02"), ("2023-01", "2023-02"))
console = Console(stderr=True)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A training on one month and its errors on another, in minutes."""

    train: str
    validate: str
    rmse: float
    mae: float
    linear_rmse: float
    seconds: float


def measure(train: str, validate: str, data: Path | None) -> Run:
    """Trains once, on one thread, and measures."""
    found = fetch([train, validate], data=data, environ=os.environ, allow_synthetic=True)
    if found.source == "synthetic":
        console.print(f"{train} -> {validate}: no trip data can be had, these trips are synthetic")
    train_set, validation_set = (rides(found.files[month], month).frame for month in (train, validate))
    minutes = validation_set["minutes"].to_numpy(np.float64)
    model = fit(train_set)
    own = score(minutes, model.predict(validation_set))
    baseline = score(minutes, linear(train_set, validation_set))
    return Run(
        train=train,
        validate=validate,
        rmse=round(own.rmse, 4),
        mae=round(own.mae, 4),
        linear_rmse=round(baseline.rmse, 4),
        seconds=round(model.seconds, 2),
    )


def main(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    data: Annotated[Path | None, typer.Option(help="A folder with TLC's files.")] = None,
) -> None:
    """Train on 2021-01 and on 2023-01, and measure on the month after."""
    try:
        runs = [measure(train, validate, data) for train, validate in PAIRS]
    except DataError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    if as_json:
        print(json.dumps({"runs": [asdict(run) for run in runs]}))
        return
    table = Table("months", "RMSE", "MAE", "linear regression", "seconds", title="Minutes of error")
    for run in runs:
        table.add_row(
            f"{run.train} -> {run.validate}",
            *(f"{value:.3f}" for value in (run.rmse, run.mae, run.linear_rmse)),
            f"{run.seconds:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
