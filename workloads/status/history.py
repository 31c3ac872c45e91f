"""What was seen of every service over the last 24 hours, as counts per half hour: its size never grows."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Seen = Literal["up", "slow", "down", "unknown"]

BAR_SECONDS = 1800
BARS = 48  # 24 hours
SAVE_SECONDS = 60.0  # between two writes of the file


@dataclass(kw_only=True)
class Bar:
    """Half an hour of a service: `start` in seconds since 1970, and how many looks saw it how.

    `unknown` counts looks while the page itself was cut off; a time when nobody looked has none at all.
    """

    start: int
    up: int = 0
    slow: int = 0
    down: int = 0
    unknown: int = 0


class History:
    """The bars of every service; with a `file` they outlast a restart.

    Args:
        names: The services.
        file: Where the bars are kept; a file that cannot be read or written costs the history, nothing else.
        clock: Seconds since 1970.
    """

    def __init__(
        self, names: Iterable[str], *, file: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._file = file
        self._saved = float("-inf")
        self._kept: dict[str, dict[int, Bar]] = {name: {} for name in names}
        self._complaint = ""
        if file and file.exists():
            self._load(file)

    def add(self, name: str, seen: Seen) -> None:
        """Counts a look of now."""
        number = self._number()
        bars = self._kept[name]
        bar = bars.setdefault(number, Bar(start=number * BAR_SECONDS))
        setattr(bar, seen, getattr(bar, seen) + 1)
        for old in [each for each in bars if not number - BARS < each <= number]:
            del bars[old]

    def bars(self, name: str) -> list[Bar]:
        """The last 24 hours, oldest first; always `BARS` of them."""
        newest = self._number()
        return [
            self._kept[name].get(number) or Bar(start=number * BAR_SECONDS)
            for number in range(newest - BARS + 1, newest + 1)
        ]

    def availability(self, name: str) -> float | None:
        """The percentage of looks that found it up or slow; None when there was none that could tell."""
        bars = self.bars(name)
        answered = sum(bar.up + bar.slow for bar in bars)
        told = answered + sum(bar.down for bar in bars)
        return 100 * answered / told if told else None

    def save(self, *, at_once: bool = False) -> None:
        """Writes the file in one step, once a minute or `at_once`."""
        moment = time.monotonic()
        if not self._file or (not at_once and moment - self._saved < SAVE_SECONDS):
            return
        self._saved = moment
        draft = self._file.with_suffix(".draft")
        text = json.dumps({name: [asdict(bar) for bar in self.bars(name)] for name in self._kept})
        try:
            draft.write_text(text)
            draft.replace(self._file)
        except OSError as error:
            self._complain(f"STATUS_HISTORY_FILE: {self._file} cannot be written ({error})")

    def _load(self, file: Path) -> None:
        try:
            document: dict[str, Any] = json.loads(file.read_bytes())
            for name in self._kept.keys() & document.keys():
                bars = [Bar(**{key: int(value) for key, value in entry.items()}) for entry in document[name]]
                # What is older than 24 hours, or in the future of a clock set back, is not asked for.
                self._kept[name] = {bar.start // BAR_SECONDS: bar for bar in bars[-BARS:]}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            self._complain(f"STATUS_HISTORY_FILE: {file} cannot be read ({error})")

    def _complain(self, problem: str) -> None:
        """Says it once: a full disk would fill the log too."""
        if problem != self._complaint:
            print(f"{problem}; the history starts anew at the next start", file=sys.stderr, flush=True)
            self._complaint = problem

    def _number(self) -> int:
        return int(self._clock() // BAR_SECONDS)
