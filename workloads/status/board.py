"""Asks every target whether it is healthy, again and again, and remembers the answers."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import Any

from workloads.status.history import History, Seen
from workloads.status.probe import State, ask, reach

SLOW_MILLISECONDS = 2000
FLAPPING_LOOKS = 40  # ten minutes of looks, at the usual interval
FLAPPING_CHANGES = 3  # down, up and down again, or the other way round
_REFERENCE = ""  # no service has this name
_CUT_OFF = "not known: this page's own network is gone"


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """What the last look saw; `moment` is of the clock that never runs backwards."""

    moment: float
    checked_at: float | None = None
    cut_off: bool = False
    states: tuple[State, ...] = ()


class Board:
    """The last state of every target; `watch` keeps it current until `stop` is called.

    Args:
        targets: URLs by name.
        interval_seconds: The time between two looks.
        timeout_seconds: How long a look waits for all of the answers.
        reference: A `host:port` that answers as long as this machine's network does. When neither it nor any
            target can be reached, the page is cut off, and no target is called down.
        history: Where looks are counted; its own by default.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        targets: Mapping[str, str],
        *,
        interval_seconds: float,
        timeout_seconds: float = 5,
        reference: str = "",
        history: History | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._targets = targets
        self._interval = interval_seconds
        self._timeout = timeout_seconds
        self._reference = reference
        self._history = history or History(targets)
        self._clock = clock
        self._stopped = threading.Event()
        self._asking: dict[str, threading.Thread] = {}
        self._recent: dict[str, deque[bool]] = {name: deque(maxlen=FLAPPING_LOOKS) for name in targets}
        self._picture = _Picture(moment=clock())

    def refresh(self) -> None:
        """Asks all targets at the same time; those that have not answered in time are unhealthy."""
        answers: SimpleQueue[State] = SimpleQueue()
        for name, url in self._targets.items():
            self._ask(answers, name, lambda name=name, url=url: ask(name, url, timeout_seconds=self._timeout))  # type: ignore[misc]
        if self._reference:
            self._ask(
                answers,
                _REFERENCE,
                lambda: reach(_REFERENCE, self._reference, timeout_seconds=self._timeout),
            )
        found = self._collect(answers)
        cut_off = bool(self._reference) and not any(state.reached for state in found.values())
        states = [found[name] for name in self._targets]
        if cut_off:
            states = [replace(state, healthy=False, detail=_CUT_OFF) for state in states]
        for state in states:
            self._history.add(state.name, "unknown" if cut_off else _seen(state))
            if not cut_off:
                self._recent[state.name].append(state.healthy)
        self._picture = _Picture(
            moment=self._clock(), checked_at=time.time(), cut_off=cut_off, states=tuple(states)
        )
        self._history.save()

    def watch(self) -> None:
        """Refreshes until stopped."""
        while not self._stopped.is_set():
            self.refresh()
            self._stopped.wait(self._interval)
        self._history.save(at_once=True)

    def stop(self) -> None:
        """Ends `watch` at once."""
        self._stopped.set()

    @property
    def age_seconds(self) -> float:
        """The time since the last look, or since the start."""
        return self._clock() - self._picture.moment

    @property
    def stale(self) -> bool:
        """Whether the last look is older than the interval and the time that a look may take, twice."""
        return self.age_seconds > self._interval + 2 * self._timeout

    def report(self) -> dict[str, Any]:
        """What `/status.json` says.

        `{"healthy": bool, "stale": bool, "cut_off": bool, "checked_at": seconds since 1970 or null,
        "targets": [{"name", "state": "up" | "slow" | "flapping" | "down" | "unknown", "healthy", "detail",
        "milliseconds", "parts", "availability_24h": percent or null, "history": [Bar, ...]}, ...]}`.
        Nothing is healthy before the first look, nor when the last one is stale; one that keeps going up and
        down is not, either.
        """
        picture, stale = self._picture, self.stale
        targets = [self._target(state, cut_off=picture.cut_off) for state in picture.states]
        well = bool(targets) and all(target["state"] in ("up", "slow") for target in targets)
        return {
            "healthy": well and not stale,
            "stale": stale,
            "cut_off": picture.cut_off,
            "checked_at": picture.checked_at,
            "targets": targets,
        }

    def _target(self, state: State, *, cut_off: bool) -> dict[str, Any]:
        changes = sum(before != after for before, after in pairwise(tuple(self._recent[state.name])))
        word: str = "unknown" if cut_off else _seen(state)
        detail = state.detail
        if not cut_off and changes >= FLAPPING_CHANGES:
            minutes = FLAPPING_LOOKS * self._interval / 60
            detail = f"{word} now; went up or down {changes} times in {minutes:.0f} minutes; {detail}"
            word = "flapping"
        return {
            "name": state.name,
            "state": word,
            "healthy": state.healthy,
            "detail": detail,
            "milliseconds": state.milliseconds,
            "parts": dict(state.parts),
            "availability_24h": self._history.availability(state.name),
            "history": [asdict(bar) for bar in self._history.bars(state.name)],
        }

    def _ask(self, answers: SimpleQueue[State], name: str, question: Callable[[], State]) -> None:
        running = self._asking.get(name)
        if running is None or not running.is_alive():  # one that hangs is not asked once more
            self._asking[name] = thread = threading.Thread(
                target=lambda: answers.put(question()), daemon=True
            )
            thread.start()

    def _collect(self, answers: SimpleQueue[State]) -> dict[str, State]:
        names = [*self._targets, *([_REFERENCE] if self._reference else [])]
        late = f"no complete answer within {self._timeout:g} s"
        states = {
            name: State(
                name=name, healthy=False, detail=late, milliseconds=round(self._timeout * 1000), parts={}
            )
            for name in names
        }
        deadline = time.monotonic() + self._timeout
        for _ in names:
            try:
                state = answers.get(timeout=max(0, deadline - time.monotonic()))
            except Empty:
                break
            states[state.name] = state
        return states


def _seen(state: State) -> Seen:
    if not state.healthy:
        return "down"
    return "slow" if state.milliseconds >= SLOW_MILLISECONDS else "up"
