"""What is known of each part of the platform, kept current beside the pages, which read it from memory.

Each part is asked by a thread of its own, at its own pace: what hangs delays nothing else, a page waits for
nobody, and a hundred open pages ask AWS no more often than one does.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from workloads.admin.deadline import left
from workloads.admin.errors import PlatformError

T = TypeVar("T")
IDLE_SECONDS = 120  # without a page, nothing is asked
LATE_SECONDS = 15  # an answer in small pieces ends no client's time-out
HURRY_SECONDS = 0.5  # between two looks, while somebody waits for this part
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Seen(Generic[T]):
    """The last answer, how it was said that there is none, and when.

    Args:
        value: The last answer that came; None before the first.
        error: Why the last look had no answer; empty when it had one.
        at: When `value` came, in seconds since 1970.
        milliseconds: How long the last look took.
    """

    value: T | None = None
    error: str = ""
    at: float = 0.0
    milliseconds: int = 0

    @property
    def asked(self) -> bool:
        """Whether there was a look at all."""
        return bool(self.at or self.error)

    @property
    def healthy(self) -> bool:
        """Whether the last look had an answer."""
        return bool(self.at) and not self.error


class Watch(Generic[T]):
    """One part, asked again and again while somebody looks.

    Args:
        name: For the thread.
        ask: Gives the answer, or raises PlatformError.
        seconds: Between two looks.
    """

    def __init__(self, name: str, ask: Callable[[], T], seconds: float) -> None:
        self._name = name
        self._ask = ask
        self._seconds = seconds
        self._seen: Seen[T] = Seen()
        self._wanted = 0.0
        self._hurry = 0.0
        self._asking = 0.0  # since when, while a look is on its way
        self._first = threading.Event()
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def seen(self, wait: float = 0.0) -> Seen[T]:
        """What is known; the very first time it is waited for, `wait` seconds if the page has as many."""
        self._wanted = time.monotonic()
        with self._lock:
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._watch, name=self._name, daemon=True)
                self._thread.start()
        self._wake.set()
        self._first.wait(min(wait, left()))
        since = self._asking
        late = time.monotonic() - since if since else 0.0
        if late > LATE_SECONDS:
            return replace(self._seen, error=f"has not answered for {late:.0f} s; look at its log")
        return self._seen

    def hurry(self, seconds: float) -> None:
        """Asks more often for so many seconds."""
        self._hurry = time.monotonic() + seconds

    def look(self) -> Seen[T]:
        """Asks now."""
        self._asking = started = time.monotonic()
        try:
            found = Seen(value=self._ask(), at=time.time())
        except PlatformError as error:
            found = replace(self._seen, error=str(error))
        except Exception as error:  # an answer of a form that nobody foresaw must not end the watch
            _LOG.exception("%s", self._name)
            found = replace(self._seen, error=f"its answer cannot be read ({type(error).__name__})")
        self._seen = replace(found, milliseconds=round((time.monotonic() - started) * 1000))
        self._asking = 0.0
        self._first.set()
        return self._seen

    def stop(self) -> None:
        """Ends the thread after its look."""
        self._stopped = True
        self._wake.set()

    def _watch(self) -> None:
        while not self._stopped:
            self.look()
            self._wake.clear()
            if time.monotonic() - self._wanted > IDLE_SECONDS:
                self._wake.wait()
            elif not self._stopped:
                self._pause()

    def _pause(self) -> None:
        started = time.monotonic()
        while not self._stopped:
            now = time.monotonic()
            rest = started + (HURRY_SECONDS if now < self._hurry else self._seconds) - now
            if rest <= 0:
                return
            time.sleep(min(rest, 0.25))
