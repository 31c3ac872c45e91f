"""The changes that mutation testing makes, and that a changed module is what tests then run."""

from pathlib import Path

import pytest

from tests.mutation.killed import Killed
from tests.mutation.mutants import mutants

CHANGES = {
    "x = a < b": ["a < b -> a <= b"],
    "x = a < b == c": ["a < b == c -> a <= b == c", "a < b == c -> a < b != c"],
    "x = not a": ["not a -> not not a"],
    "x = a and b": ["a and b -> a or b"],
    "x = -a + b": ["-a + b -> -a - b", "-a -> +a"],
    "x = 1": ["1 -> 2"],
    "x = 'a'": ["'a' -> 'aXX'"],
    "x = True": ["True -> False"],
    "f(a)": ["f(a) -> None"],
    "def f():\n    return a": ["return a -> return None"],
    "while f():\n    break": ["while f():\n    break -> while not f():\n    break", "break -> continue"],
    '"""Words."""': [],
    "x: int | None": [],
    "raise E('words')": [],
    "log('words', 1)": ["log('words', 1) -> None"],
    "x = f'words {a}'": [],
}


@pytest.mark.parametrize("source", CHANGES)
def test_changes(source: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    found = list(mutants(file))
    assert [mutant.code for mutant in found] == CHANGES[source]
    for mutant in found:
        assert mutant.compiled().co_filename == str(file)


def test_changed_module_differs(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("answer = 41")
    (mutant,) = mutants(file)
    values: dict[str, object] = {}
    exec(mutant.compiled(), values)
    assert values["answer"] == 42


def test_killed_mutants_are_kept(tmp_path: Path) -> None:
    """Until their module changes."""
    file, record = tmp_path / "module.py", tmp_path / "build/killed.txt"
    file.write_text("a = 1\nb = 2")
    first, second = mutants(file)
    Killed(record).add(first)
    assert (first in Killed(record), second in Killed(record)) == (True, False)
    file.write_text("a = 1\nb = 3")
    assert not any(mutant in Killed(record) for mutant in mutants(file))
