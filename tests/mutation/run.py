"""Runs tests against a mutant, in a fork of a process that has imported the slow libraries already."""

import gc
import importlib
import os
import resource
import signal
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).parents[2]
# The same few examples for each mutant: what they miss, the tests' own hundreds find. A failure is
# enough, so none is shrunk, and a busy machine must not be taken for one.
HYPOTHESIS = {
    "derandomize": True,
    "max_examples": 20,
    "deadline": None,
    "database": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
CLOCK_SECONDS = 900.0


class _Mutated(MetaPathFinder):
    """Gives one file's module other code, under whatever name it is imported."""

    def __init__(self, file: Path, code: CodeType) -> None:
        self._file = str(file)
        self._code = code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin != self._file:
            return None
        found.loader = _Loader(fullname, self._file, self._code)
        return found


class _Loader(SourceFileLoader):
    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


def preload() -> None:
    """Imports pytest with its plugins, once for all forks."""
    with tempfile.TemporaryDirectory() as folder:  # on nothing
        pytest.main(["-n0", "-qq", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}", folder])
    settings.register_profile("mutation", settings.get_profile("default"), **HYPOTHESIS)


def installed() -> list[str]:
    """The imported modules that no test may change: those of installed packages."""
    folder = sysconfig.get_path("purelib")
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    return [name for name, file in files.items() if file and file.startswith(folder)]


def import_now(names: Sequence[str]) -> None:
    """Imports modules for all later forks; those that cannot be imported alone are left to the tests.

    Pulumi's providers import their own modules on first use, and lose what is imported past them.
    """
    for name in names:
        if name.startswith("pulumi_") and "." in name:
            continue
        with suppress(Exception):
            importlib.import_module(name)
    gc.freeze()


def with_mutant(tests: Sequence[str], mutant: Mutant, cpu_seconds: int) -> int:
    """Pytest's exit code with a mutant in place of its module; see `fork`."""
    change = _Mutated(mutant.file, mutant.compiled())
    return fork(tests, cpu_seconds, before=lambda: sys.meta_path.insert(0, change))


def fork(
    tests: Sequence[str],
    cpu_seconds: int,
    *,
    before: Callable[[], object],
    after: Callable[[], object] = lambda: None,
    plugins: Sequence[object] = (),
) -> int:
    """Pytest's exit code in a fork, or another but 0 where tests need more of the processor.

    Seconds of the processor are the same on a busy machine; those of the clock end only what waits for ever.
    """
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        _run(tests, before, after, plugins)
    ends = time.monotonic() + CLOCK_SECONDS
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


def _run(
    tests: Sequence[str],
    before: Callable[[], object],
    after: Callable[[], object],
    plugins: Sequence[object],
) -> None:
    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.dont_write_bytecode = True
    gc.disable()
    code_of_exit = 70
    options = ["-n0", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", f"--rootdir={ROOT}"]
    try:
        before()
        code_of_exit = pytest.main([*options, *tests], plugins=list(plugins))
        after()
    finally:
        os._exit(code_of_exit)
