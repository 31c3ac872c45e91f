"""The service as an ASGI application: no framework, because a request takes less than one would.

Scoring, checks and hot swap are the function's: `models.Alias` follows the pointer and verifies a bundle
before it takes over. It asks S3, so a thread of its own does, and requests use the model that they find.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter
from typing import Any

import orjson

from bundle import Model
from models import Alias, ModelUnavailableError
from records import RejectedError, Ride, parse
from workloads.serving.metrics import Metrics
from workloads.serving.openapi import DOCUMENT, MAX_BYTES, MAX_RIDES

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Rides of requests that came together, and where all of them wait for their minutes.
_Together = tuple[list[Ride], asyncio.Future[tuple[Model, list[float]]]]

_JSON = (b"content-type", b"application/json")
_TEXT = (b"content-type", b"text/plain; version=0.0.4")
_CLOSE = (b"connection", b"close")
_JSON_HEADERS: tuple[tuple[bytes, bytes], ...] = (_JSON,)
_TEXT_HEADERS = (_TEXT,)
_METHODS = {
    "/predict": "POST",
    "/health": "GET",
    "/ready": "GET",
    "/metrics": "GET",
    "/openapi.json": "GET",
}


class RefusedError(Exception):
    """A request that is not answered; the message is what the client is told."""

    def __init__(self, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Service:
    """Answers POST /predict, and GET /health, /ready, /metrics and /openapi.json.

    Args:
        alias: The model to serve.
        name: The registered model's name.
        check_seconds: Between looks for a newly published model.

    Once `leaving` is set, it is not ready, and each answer closes its connection.
    """

    def __init__(self, alias: Alias, *, name: str, check_seconds: float) -> None:
        self._alias = alias
        self._name = name
        self._check_seconds = check_seconds
        self._model: Model | None = None
        self._following: asyncio.Task[None] | None = None
        self._metrics = Metrics()
        self.leaving = False
        self._together: _Together | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's entry; what each prediction needs is few calls deep, for they add up."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._live(receive, send)
            return
        started = perf_counter()
        path = scope["path"]
        status, headers = 200, _JSON_HEADERS
        try:
            if _METHODS.get(path) != scope["method"]:
                raise _wrong_request(path)
            if path == "/predict":
                message = await receive()
                content = message.get("body", b"")
                if message.get("more_body") or len(content) > MAX_BYTES:
                    content = await _rest(message, receive)
                asked = self._asked(content)
                body = self._predict_list(asked) if type(asked) is list else await self._predict(asked)
            else:
                body = self._told(path)
                headers = _TEXT_HEADERS if path == "/metrics" else headers
        except RefusedError as error:
            status, body = error.status, orjson.dumps({"error": str(error)})
            headers = (_JSON, *error.headers)
        if self.leaving:
            headers = (*headers, _CLOSE)
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})
        self._metrics.request(path if path in _METHODS else "other", status, perf_counter() - started)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._refresh()
                self._following = asyncio.create_task(self._follow())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._following:
                    self._following.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._check_seconds)
            await self._refresh()

    async def _refresh(self) -> None:
        with suppress(ModelUnavailableError):  # the alias has logged why
            self._model = await asyncio.to_thread(self._alias.model)
        self._metrics.refresh_failures += self._alias.take_failures()

    def _told(self, path: str) -> bytes:
        """What every path but /predict answers."""
        if path == "/metrics":
            return self._metrics.text(self._name, self._model.version if self._model else "").encode()
        if path == "/openapi.json":
            return DOCUMENT
        if path == "/ready":
            if self.leaving:
                raise RefusedError(503, "the service is ending")
            return orjson.dumps({"version": self._served().version})
        return b'{"status":"alive"}'

    def _asked(self, content: bytes) -> Any:
        """A ride event or a list of them; whether they are right is not looked at yet."""
        self._served()
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise RefusedError(400, f"the body is not valid JSON: {error}") from None

    async def _predict(self, event: Any) -> bytes:
        """Answers for a ride, which is scored together with those of other requests that came with it.

        A call of XGBoost costs 50 us, however few rides it is for.
        """
        ride = _ride(event)
        if self._together is None:
            loop = asyncio.get_running_loop()
            self._together = [], loop.create_future()
            loop.call_soon(self._gather, self._together, 0)
        rides, scored = self._together
        place = len(rides)
        rides.append(ride)
        model, minutes = await scored
        return orjson.dumps(
            {
                "model": self._name,
                "version": model.version,
                "ride_id": ride.ride_id,
                "ride_duration": minutes[place],
            }
        )

    def _predict_list(self, events: list[Any]) -> bytes:
        if len(events) > MAX_RIDES:
            raise RefusedError(413, f"{len(events)} rides, allowed: {MAX_RIDES} in a request")
        rides = [_ride(event, f"ride {index}: ") for index, event in enumerate(events)]
        model, minutes = self._score(rides)
        predictions = [
            {"ride_id": ride.ride_id, "ride_duration": duration}
            for ride, duration in zip(rides, minutes, strict=True)
        ]
        return orjson.dumps({"model": self._name, "version": model.version, "predictions": predictions})

    def _score(self, rides: list[Ride]) -> tuple[Model, list[float]]:
        model = self._served()
        self._metrics.rides += len(rides)
        return model, model.predict(rides) if rides else []

    def _gather(self, together: _Together, before: int) -> None:
        """Scores once a turn of the loop, in which it reads every socket, has brought no more rides."""
        rides, scored = together
        if len(rides) > before:
            asyncio.get_running_loop().call_soon(self._gather, together, len(rides))
            return
        self._together = None
        if scored.done():  # cancelled, when the server gave up waiting for its requests
            return
        try:
            scored.set_result(self._score(rides))
        except Exception as error:
            scored.set_exception(error)

    def _served(self) -> Model:
        if self._model is None:
            raise RefusedError(503, f"no model of {self._name} is published yet", (b"retry-after", b"10"))
        return self._model


def _ride(event: Any, place: str = "") -> Ride:
    try:
        found = parse(event)
    except RejectedError as error:
        raise RefusedError(422, f"{place}{error}") from None
    if type(found) is not Ride:
        raise RefusedError(422, f"{place}is a finished ride, which needs no prediction")
    return found


def _wrong_request(path: str) -> RefusedError:
    method = _METHODS.get(path)
    if method is None:
        return RefusedError(404, f"no such path; there are {', '.join(_METHODS)}")
    return RefusedError(405, f"{path} takes {method}", (b"allow", method.encode()))


async def _rest(message: dict[str, Any], receive: Receive) -> bytes:
    """The body of a request that came in several parts, within `MAX_BYTES`."""
    body = bytearray(message.get("body", b""))
    while message.get("more_body") and len(body) <= MAX_BYTES:
        message = await receive()
        body += message.get("body", b"")
    if len(body) > MAX_BYTES:
        raise RefusedError(413, f"the body is larger than {MAX_BYTES} bytes", _CLOSE)
    return bytes(body)
