"""Asks every target whether it is healthy, again and again, and remembers the last answers."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from queue import Empty, SimpleQueue
from typing import Any

from workloads.status.probe import State, ask


class Board:
    """The last state of every target; `watch` keeps it current until `stop` is called.

    Args:
        targets: URLs by name.
        interval_seconds: The time between two looks.
        timeout_seconds: How long a look waits for all of the answers.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        targets: Mapping[str, str],
        *,
        interval_seconds: float,
        timeout_seconds: float = 5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._targets = targets
        self._interval = interval_seconds
        self._timeout = timeout_seconds
        self._clock = clock
        self._stopped = threading.Event()
        self._asking: dict[str, threading.Thread] = {}
        self._looked: tuple[float, float | None, list[State]] = (clock(), None, [])

    def refresh(self) -> None:
        """Asks all targets at the same time; those that have not answered in time are unhealthy."""
        answers: SimpleQueue[State] = SimpleQueue()
        for name, url in self._targets.items():
            running = self._asking.get(name)
            if running is None or not running.is_alive():  # one that hangs is not asked once more
                self._asking[name] = thread = threading.Thread(
                    target=lambda name=name, url=url: answers.put(
                        ask(name, url, timeout_seconds=self._timeout)
                    ),
                    daemon=True,
                )
                thread.start()
        states = self._collect(answers)
        self._looked = (self._clock(), time.time(), [states[name] for name in self._targets])

    def watch(self) -> None:
        """Refreshes until stopped."""
        while not self._stopped.is_set():
            self.refresh()
            self._stopped.wait(self._interval)

    def stop(self) -> None:
        """Ends `watch` at once."""
        self._stopped.set()

    @property
    def age_seconds(self) -> float:
        """The time since the last look, or since the start."""
        return self._clock() - self._looked[0]

    @property
    def stale(self) -> bool:
        """Whether the last look is older than the interval and the time that a look may take, twice."""
        return self.age_seconds > self._interval + 2 * self._timeout

    def report(self) -> dict[str, Any]:
        """`{"healthy": bool, "stale": bool, "checked_at": seconds since 1970 or null, "targets": [...]}`.

        Nothing is healthy before the first look, nor when the last one is stale.
        """
        _, checked_at, states = self._looked
        return {
            "healthy": bool(states) and not self.stale and all(state.healthy for state in states),
            "stale": self.stale,
            "checked_at": checked_at,
            "targets": [asdict(state) for state in states],
        }

    def _collect(self, answers: SimpleQueue[State]) -> dict[str, State]:
        late = f"no complete answer within {self._timeout:g} s"
        states = {
            name: State(
                name=name, healthy=False, detail=late, milliseconds=round(self._timeout * 1000), parts={}
            )
            for name in self._targets
        }
        deadline = time.monotonic() + self._timeout
        for _ in self._targets:
            try:
                state = answers.get(timeout=max(0, deadline - time.monotonic()))
            except Empty:
                break
            states[state.name] = state
        return states
