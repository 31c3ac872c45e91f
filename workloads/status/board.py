"""Asks every target whether it is healthy, again and again, and remembers the last answers."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

_BAD = "unhealthy"  # Airflow's word for a component whose heartbeat has stopped


@dataclass(frozen=True, kw_only=True)
class State:
    """How one target answered; `parts` are the components that it tells of, in its own words."""

    name: str
    healthy: bool
    detail: str
    milliseconds: int
    parts: Mapping[str, str]


def ask(name: str, url: str, *, timeout_seconds: float) -> State:
    """Gets `url` once; an error, no answer at all or an unhealthy part make the target unhealthy."""
    started = time.monotonic()
    parts: dict[str, str] = {}
    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds) as answer:  # noqa: S310 - the operator's own URLs
            parts = _parts(answer.read())
            detail = "answers"
        healthy = _BAD not in parts.values()
    except OSError as error:
        healthy, detail = False, str(error)
    spent = round((time.monotonic() - started) * 1000)
    return State(name=name, healthy=healthy, detail=detail, milliseconds=spent, parts=parts)


class Board:
    """The last state of every target; `watch` keeps it current until `stop` is called."""

    def __init__(
        self,
        targets: Mapping[str, str],
        *,
        timeout_seconds: float = 5,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._targets = targets
        self._timeout = timeout_seconds
        self._clock = clock
        self._stopped = threading.Event()
        self._seen: tuple[float, list[State]] = (0, [])

    def refresh(self) -> None:
        """Asks all targets at the same time, so that one that hangs delays none."""
        with ThreadPoolExecutor(max_workers=max(1, len(self._targets))) as pool:
            asked = [
                pool.submit(ask, name, url, timeout_seconds=self._timeout)
                for name, url in self._targets.items()
            ]
        self._seen = (self._clock(), [one.result() for one in asked])

    def watch(self, every_seconds: float) -> None:
        """Refreshes until stopped."""
        while not self._stopped.is_set():
            self.refresh()
            self._stopped.wait(every_seconds)

    def stop(self) -> None:
        """Ends `watch` at once."""
        self._stopped.set()

    def report(self) -> dict[str, Any]:
        """`{"healthy": bool, "checked_at": seconds since 1970, "targets": [...]}`; unhealthy at first."""
        checked_at, states = self._seen
        return {
            "healthy": bool(states) and all(state.healthy for state in states),
            "checked_at": checked_at,
            "targets": [asdict(state) for state in states],
        }


def _parts(body: bytes) -> dict[str, str]:
    """Airflow answers `{"scheduler": {"status": "healthy", ...}, ...}`; other answers have no parts."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(answer, dict):
        return {}
    found = {name: one.get("status") for name, one in answer.items() if isinstance(one, dict)}
    return {name: status for name, status in found.items() if isinstance(status, str)}
