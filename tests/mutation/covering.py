"""Which tests run which lines, so that a mutant meets first the tests that can notice it."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.run import ROOT, fork, import_now, installed

SECONDS = 2.0  # of tests that a mutant meets before it meets all


@dataclass(frozen=True, kw_only=True)
class Test:
    """A test by its node id, its seconds, and the lines that ran meanwhile, as `file:line`."""

    __test__ = False
    id: str
    seconds: float
    lines: frozenset[str]


class _Recorder:
    """A pytest plugin: names the running test to coverage, and adds up its time."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self._measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._measured.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration


def record(tests: Sequence[str], files: Sequence[Path], *, cpu_seconds: int) -> list[Test] | None:
    """Runs the tests once, and gives them quickest first; None if one fails. Imports what they need."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "tests.json")
        measured = coverage.Coverage(data_file=None, include=[str(file) for file in files], config_file=False)
        recorder = _Recorder(measured)

        def keep() -> None:
            measured.stop()
            data = measured.get_data()
            found: dict[str, list[str]] = {name: [] for name in recorder.seconds}
            for file in data.measured_files():
                for line, names in data.contexts_by_lineno(file).items():
                    for name in names:
                        if name in found:
                            found[name].append(f"{file}:{line}")
            run = [[name, recorder.seconds[name], found[name]] for name in found]
            result.write_text(json.dumps({"run": run, "imported": installed()}))

        if fork(tests, cpu_seconds, plugins=[recorder], before=measured.start, after=keep):
            return None
        written = json.loads(result.read_text())
    import_now(written["imported"])
    found = [
        Test(id=name, seconds=seconds, lines=frozenset(lines)) for name, seconds, lines in written["run"]
    ]
    return sorted(found, key=lambda test: test.seconds)


def quickest(tests: Sequence[Test], mutant: Mutant) -> list[str]:
    """The quickest tests that run a mutant's line; none for a line that runs at import."""
    spent = 0.0
    chosen: list[str] = []
    for test in tests:
        if f"{mutant.file}:{mutant.line}" in test.lines:
            spent += test.seconds
            if chosen and spent > SECONDS:
                break
            chosen.append(f"{ROOT}/{test.id}")
    return chosen


def modules(tests: Sequence[Test]) -> list[str]:
    """The tests' files, the quickest first."""
    seconds: dict[str, float] = {}
    for test in tests:
        file = test.id.partition("::")[0]
        seconds[file] = seconds.get(file, 0.0) + test.seconds
    return [f"{ROOT}/{file}" for file in sorted(seconds, key=seconds.__getitem__)]
