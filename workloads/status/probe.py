"""One look at one target: whatever it answers, or does not, becomes a state."""

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

MAX_BYTES = 64 * 1024  # Airflow's answer has less than 1 KiB
_BAD = "unhealthy"  # Airflow's word for a component whose heartbeat has stopped


@dataclass(frozen=True, kw_only=True)
class State:
    """How a target answered; `parts` are the components that it tells of, in its own words.

    `reached` says that the way to it is there: it answered something, were it only that nothing listens.
    """

    name: str
    healthy: bool
    detail: str
    milliseconds: int
    parts: Mapping[str, str]
    reached: bool = False


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A health check that redirects is not the one that was asked for."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def ask(name: str, url: str, *, timeout_seconds: float) -> State:
    """Gets `url` once; an error, an incomplete answer or an unhealthy part make the target unhealthy.

    The time-out is that of each step, so that an answer in small pieces may take longer.
    """
    started = time.monotonic()
    parts: dict[str, str] = {}
    reached = True
    try:
        with _OPENER.open(url, timeout=timeout_seconds) as answer:
            parts = _parts(answer)
        healthy = _BAD not in parts.values()
        detail = "answers" if healthy else "answers, and says that a part is unhealthy"
    except urllib.error.HTTPError as error:
        error.close()
        healthy, detail = False, str(error)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        cause = getattr(error, "reason", error)  # urllib's URLError says with it what happened
        healthy, detail = False, f"{type(cause).__name__}: {cause}"[:200]
        reached = _answered(cause)
    spent = round((time.monotonic() - started) * 1000)
    return State(name=name, healthy=healthy, detail=detail, milliseconds=spent, parts=parts, reached=reached)


def reach(name: str, address: str, *, timeout_seconds: float) -> State:
    """Opens a connection to `address`, a `host:port`, and closes it again."""
    started = time.monotonic()
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=timeout_seconds).close()
        reached = True
    except OSError as error:
        reached = _answered(error)
    spent = round((time.monotonic() - started) * 1000)
    return State(name=name, healthy=reached, detail="", milliseconds=spent, parts={}, reached=reached)


def _answered(error: object) -> bool:
    """Whether the other side was there to refuse, end or garble what was asked of it."""
    return isinstance(error, ConnectionError | HTTPException) or not isinstance(error, OSError)


def _parts(answer: HTTPResponse) -> dict[str, str]:
    """Airflow answers `{"scheduler": {"status": "healthy", ...}, ...}`; other answers have no parts.

    Raises:
        ValueError: the answer is too long, cut off, or said to be JSON and is not.
    """
    body = answer.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ValueError(f"the answer has more than {MAX_BYTES} bytes")
    if answer.length:  # the part of Content-Length that never came
        raise ValueError(f"the answer was cut off {answer.length} bytes before its end")
    try:
        document: Any = json.loads(body)
    except ValueError as error:
        if answer.headers.get_content_type() == "application/json":
            raise ValueError(f"the answer is not valid JSON: {error}") from error
        return {}
    if not isinstance(document, dict):
        return {}
    found = {name: part.get("status") for name, part in document.items() if isinstance(part, dict)}
    return {name: status for name, status in found.items() if isinstance(status, str)}
