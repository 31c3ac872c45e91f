"""One look at one target: whatever it answers, or does not, becomes a state."""

import json
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
    """How a target answered; `parts` are the components that it tells of, in its own words."""

    name: str
    healthy: bool
    detail: str
    milliseconds: int
    parts: Mapping[str, str]


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
    try:
        with _OPENER.open(url, timeout=timeout_seconds) as answer:
            parts = _parts(answer)
        healthy, detail = _BAD not in parts.values(), "answers"
    except urllib.error.HTTPError as error:
        error.close()
        healthy, detail = False, str(error)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        healthy, detail = False, f"{type(error).__name__}: {error}"[:200]
    spent = round((time.monotonic() - started) * 1000)
    return State(name=name, healthy=healthy, detail=detail, milliseconds=spent, parts=parts)


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
