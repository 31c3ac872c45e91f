"""The time in which a page is there, whatever hangs behind it.

Each request has one allowance, and everything that it waits for takes from it. Time-outs of clients do not do
that: several calls add up, names are looked up without one, and an answer in small pieces never ends.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from flask import Flask, g, has_request_context

from workloads.admin.errors import PlatformError

T = TypeVar("T")
PAGE_SECONDS = 2.5  # of the 3 within which a page is promised: the rest is for making it


def add(app: Flask) -> None:
    """Gives each of the application's requests its allowance, before anything else looks at it."""

    @app.before_request
    def begin() -> None:
        g.deadline = time.monotonic() + PAGE_SECONDS


def left() -> float:
    """The seconds that this request may still wait; without end where nobody waits for a page."""
    return max(0.0, g.deadline - time.monotonic()) if has_request_context() else float("inf")


def in_time(name: str, ask: Callable[[], T]) -> T:
    """What `ask` gives, if it comes while somebody waits; it has no request context.

    Args:
        name: What is asked, for the message.
        ask: The question. One that takes too long goes on by itself, and nobody hears of its end.

    Raises:
        PlatformError: there was no answer in time.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        return answer.result(left() if has_request_context() else None)
    except TimeoutError:
        raise PlatformError(
            f"{name} does not answer in time; try again in a moment, and look at its part on Overview"
        ) from None
