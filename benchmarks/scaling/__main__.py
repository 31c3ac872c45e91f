"""`python -m benchmarks.scaling --rows 1 --rows 10`: a training's seconds and memory by rows and by workers.

Each measurement is a process of its own, which leaves a line of JSON. On a machine with fewer cores than
workers, the seconds on the clock show no gain from more of them. The seconds of CPU of the busiest one do:
they are what a round would take if every worker had a core of its own, without what it waits for others.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.scaling.rides import DrawnParts
from workloads.training.growing import Grower
from workloads.training.model import PARAMETERS

SETUPS = ("memory", "external", "dask-1", "dask-2", "dask-4")
MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A training of some rounds.

    Args:
        setup: One of `SETUPS`.
        rows: Of the training.
        read_seconds: On the clock, until the features of all rides are where they are needed.
        build_seconds: From then until the first round has ended: XGBoost's own form of the rides.
        round_seconds: On the clock, for each further round.
        round_cpu_seconds: Of CPU for each round, building included, in the process that took most.
        peak_mib: The largest memory of a process.
        workers: Processes that hold rides.
    """

    setup: str
    rows: int
    read_seconds: float
    build_seconds: float
    round_seconds: float
    round_cpu_seconds: float
    peak_mib: float
    workers: int


Usage = Callable[[], Sequence[tuple[float, float]]]  # CPU seconds and MiB of each process that holds rides


def usage_here() -> tuple[float, float]:
    """This process' seconds of CPU and its largest memory in MiB."""
    return time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def opened(setup: str, rows: int, folder: Path) -> Iterator[tuple[Grower, Usage]]:
    """A grower that has read the rides, and what its processes used so far."""
    parts, (engine, _, workers) = DrawnParts(rows), setup.partition("-")
    if engine == "dask":
        from workloads.automl.scale.cluster import DaskGrower, local_cluster

        with local_cluster(int(workers), threads=1, folder=str(folder)) as client:
            yield DaskGrower(client, parts), lambda: list(client.run(usage_here).values())
        return
    from workloads.automl.scale.external import external_memory

    if engine == "external":
        with external_memory(parts, threads=1, scratch=folder) as (grower, _extents):
            yield grower, lambda: [usage_here()]
        return
    yield in_memory(parts), lambda: [usage_here()]


def in_memory(parts: DrawnParts) -> Grower:
    """All rides in one matrix, as a training of one month has them."""
    import numpy as np

    from workloads.automl.scale.parts import read
    from workloads.training.features import describe
    from workloads.training.growing import OneProcess
    from workloads.training.model import data

    found = [read(parts, name)[0] for name in parts.names]
    values = np.concatenate([part.values for part in found])
    minutes = np.concatenate([part.minutes for part in found])
    every = lambda: data(values, minutes, describe())  # noqa: E731
    return OneProcess(early=every, late=lambda early: early, every=every)


def measure(setup: str, rows: int, rounds: int) -> Measured:
    """Trains some rounds on all rides."""
    with tempfile.TemporaryDirectory() as name:
        started = time.perf_counter()
        with opened(setup, rows, Path(name)) as (grower, usage):
            read = time.perf_counter()
            before = usage()
            turns: list[float] = []
            grower.grow(PARAMETERS, rounds, lambda *_: turns.append(time.perf_counter()))
            after = usage()
    used = [late[0] - early[0] for early, late in zip(before, after, strict=True)]
    return Measured(
        setup=setup,
        rows=rows,
        read_seconds=round(read - started, 1),
        build_seconds=round(turns[0] - read, 1),
        round_seconds=round((turns[-1] - turns[0]) / (rounds - 1), 2),
        round_cpu_seconds=round(max(used) / rounds, 2),
        peak_mib=round(max(mib for _, mib in after)),
        workers=len(after),
    )


def main(
    millions: Annotated[list[float] | None, typer.Option("--rows", help="Millions of rides.")] = None,
    setups: Annotated[list[str] | None, typer.Option("--setup", help=", ".join(SETUPS))] = None,
    rounds: Annotated[int, typer.Option(min=2, help="Rounds of each training.")] = 5,
    one: Annotated[bool, typer.Option("--one", hidden=True)] = False,
) -> None:
    """Measure every setup with every number of rides."""
    millions, setups = millions or [1, 10, 50], setups or list(SETUPS)
    if one:
        print(json.dumps(asdict(measure(setups[0], int(millions[0] * MILLION), rounds))))
        return
    table = Table("setup", "rides", "read s", "build s", "s a round", "CPU s a round", "MiB a process")
    for count in millions:
        for setup in setups:
            command = [sys.executable, "-m", "benchmarks.scaling", "--one", "--rows", str(count)]
            done = subprocess.run(
                [*command, "--setup", setup, "--rounds", str(rounds)],
                env=os.environ, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            print(done.stdout.splitlines()[-1], flush=True)
            found = Measured(**json.loads(done.stdout.splitlines()[-1]))
            figures = (found.read_seconds, found.build_seconds, found.round_seconds, found.round_cpu_seconds)
            table.add_row(setup, f"{count:g} million", *map(str, figures), f"{found.peak_mib:.0f}")
    Console(stderr=True).print(table)


if __name__ == "__main__":
    typer.run(main)
