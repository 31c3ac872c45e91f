"""The machine's clock, or a virtual one with which tests need not wait."""

import time
from typing import Protocol


class Clock(Protocol):
    """Unix seconds, and a way to let them pass."""

    def now(self) -> float:
        """The time in Unix seconds."""

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """The time in Unix seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block for `seconds`."""
        time.sleep(seconds)


class VirtualClock:
    """A clock that moves on only in `sleep`, which returns at once."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """The virtual time in Unix seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock on by `seconds`."""
        self._now += seconds
