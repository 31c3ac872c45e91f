"""The mutants that were killed before, so that a run that was ended goes on where it was."""

import hashlib
from pathlib import Path

from tests.mutation.mutants import Mutant


class Killed:
    """A file with a line for each killed mutant; a module that has changed is judged again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = set(file.read_text().split()) if file.exists() else set[str]()

    def __contains__(self, mutant: Mutant) -> bool:
        return _key(mutant) in self._known

    def add(self, mutant: Mutant) -> None:
        """Keeps it at once."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as file:
            file.write(f"{_key(mutant)}\n")


def _key(mutant: Mutant) -> str:
    module = hashlib.sha256(mutant.file.read_bytes()).hexdigest()[:16]
    return f"{mutant.file.name}:{mutant.line}:{module}:{mutant.node}:{mutant.change}"
