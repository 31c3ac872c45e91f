"""`python -m tests.mutation [TARGET...]`: changes modules in one place at a time; does a test notice?"""

import random
import resource
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.mutation.covering import Test, modules, quickest, record
from tests.mutation.killed import Killed
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.run import fork, preload, with_mutant
from tests.mutation.targets import ROOT, TARGETS

EXPLAINED = Path(__file__).with_name("explained.toml")
KILLED = ROOT / "build/mutation/killed.txt"
WANTED = 0.95
console = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Changes in a file, or in the one line `line` of it, that no test can or need notice."""

    file: str
    why: str
    changes: list[str]
    line: str = ""

    def covers(self, mutant: Mutant) -> bool:
        """Whether a mutant is one of them."""
        if mutant.file != ROOT / self.file or mutant.code not in self.changes:
            return False
        return not self.line or mutant.file.read_text().splitlines()[mutant.line - 1].strip() == self.line


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Says of each mutant of a target what became of it."""

    tests: Sequence[Test]
    seconds: int  # of the processor, for the tests of a mutant
    explained: Sequence[Explained]
    killed: Killed

    def __call__(self, mutant: Mutant) -> str:
        """`killed`, `explained` or `survived`; prints those that survived."""
        if mutant in self.killed:
            return "killed"
        if self._noticed(mutant):
            self.killed.add(mutant)
            return "killed"
        if any(entry.covers(mutant) for entry in self.explained):
            return "explained"
        console.print(f"{mutant.file.relative_to(ROOT)}:{mutant.line}: {mutant.code}", markup=False)
        return "survived"

    def _noticed(self, mutant: Mutant) -> bool:
        first = quickest(self.tests, mutant)
        if first:
            code = with_mutant(first, mutant, self.seconds)
            if code not in (
                pytest.ExitCode.OK,
                pytest.ExitCode.USAGE_ERROR,
            ):  # an id is gone: a mutant can change names
                return True
        # All, for a test that does not run the line may see what a fixture did that runs it.
        return with_mutant(modules(self.tests), mutant, self.seconds) != pytest.ExitCode.OK


def judge(name: str, jobs: int, sample: int | None, explained: Sequence[Explained]) -> Counter[str]:
    """How many mutants of a target were killed, explained and survived.

    Raises:
        SystemExit: the tests fail without any change.
    """
    target = TARGETS[name]
    used = _cpu_seconds()
    tests = record([str(ROOT / test) for test in target.tests], target.paths, cpu_seconds=900)
    seconds = int(10 * (_cpu_seconds() - used) + 10)
    # Once more in a fork like a mutant's: where that alone makes a test fail, every mutant would seem killed.
    if tests is None or fork(modules(tests), seconds, before=lambda: None) != pytest.ExitCode.OK:
        sys.exit(f"the tests fail as they are: pytest {' '.join(target.tests)}")
    found = [mutant for file in target.paths for mutant in mutants(file)]
    if sample is not None:
        found = random.Random(1).sample(found, min(sample, len(found)))
    outcome = Judge(tests=tests, seconds=seconds, explained=explained, killed=Killed(KILLED))
    counts = Counter[str]()
    with ThreadPoolExecutor(jobs) as pool, Progress(console=console) as progress:
        task = progress.add_task(name, total=len(found))
        for judged, became in enumerate(pool.map(outcome, found), 1):
            counts[became] += 1
            progress.advance(task)
            if judged % 20 == 0 and not console.is_terminal:
                console.print(f"{name}: {judged} of {len(found)}, {counts['survived']} survived")
    return counts


def _cpu_seconds() -> float:
    """What forks that have ended used, those that they waited for included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(TARGETS)}; all of them by default.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Mutants at a time.")] = 2,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many mutants of each target, always the same.")
    ] = None,
) -> None:
    """Print the survivors and the score; fail below 95 %."""
    unknown = sorted(set(names or ()) - set(TARGETS))
    if unknown:
        sys.exit(f"mutate: got {', '.join(unknown)}, allowed: {', '.join(TARGETS)}")
    preload()
    explained = [Explained(**entry) for entry in tomllib.loads(EXPLAINED.read_text())["explained"]]
    table = Table("target", "mutants", "killed", "explained", "survived", "killed or explained")
    good = True
    for name in names or TARGETS:
        counts = judge(name, jobs, sample, explained)
        share = 1 - counts["survived"] / counts.total()
        good &= share >= WANTED
        row = (counts.total(), counts["killed"], counts["explained"], counts["survived"])
        table.add_row(name, *map(str, row), f"{share:.1%}")
    console.print(table)
    sys.exit(not good)


if __name__ == "__main__":
    typer.run(main)
