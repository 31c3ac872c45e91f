"""The stages of a run: shown while they run, and how long each took."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Stages:
    """Stages may overlap; `seconds` holds those that finished."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._guard = threading.Lock()
        ascii_only = console.options.ascii_only
        tick = "+" if ascii_only else "✓"
        self._progress = Progress(
            SpinnerColumn("line" if ascii_only else "dots", finished_text=f"[green]{tick}"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> "Stages":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Prints a line above the stages that run."""
        self._progress.console.print(text, markup=False, highlight=False)

    @contextmanager
    def stage(self, name: str, description: str) -> Iterator[None]:
        """Shows `description` for as long as the block runs and keeps its time as `name`."""
        started = time.monotonic()
        task = self._progress.add_task(description, total=1)
        yield
        with self._guard:
            self.seconds[name] = round(time.monotonic() - started, 2)
        self._progress.update(task, completed=1)
