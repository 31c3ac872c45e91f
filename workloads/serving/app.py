"""The service as an ASGI application: no framework, because a request takes less than one would.

Scoring, checks and hot swap are the function's: `models.Alias` follows the pointer and verifies a bundle
before it takes over. It asks S3, so a thread of its own does, and requests use the model that they find.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
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

_JSON = (b"content-type", b"application/json")
_TEXT = (b"content-type", b"text/plain; version=0.0.4")
_CLOSE = (b"connection", b"close")
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
        self._waiting: list[tuple[Ride, asyncio.Future[tuple[Model, float]]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI's entry."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

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

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        path = scope["path"]
        headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
        try:
            self._check(scope, path)
            status, body = 200, await self._body(path, receive)
            headers = (_TEXT,) if path == "/metrics" else headers
        except RefusedError as error:
            status, body = error.status, orjson.dumps({"error": str(error)})
            headers = (_JSON, *error.headers)
        if self.leaving:
            headers = (*headers, _CLOSE)
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})
        known = path if path in _METHODS else "other"
        self._metrics.request(known, status, time.perf_counter() - started)

    def _check(self, scope: Scope, path: str) -> None:
        method = _METHODS.get(path)
        if method is None:
            raise RefusedError(404, f"no such path; there are {', '.join(_METHODS)}")
        if scope["method"] != method:
            raise RefusedError(405, f"{path} takes {method}", (b"allow", method.encode()))

    async def _body(self, path: str, receive: Receive) -> bytes:
        if path == "/predict":
            return await self._predict(await _read(receive))
        if path == "/metrics":
            return self._metrics.text(self._name, self._model.version if self._model else "").encode()
        if path == "/openapi.json":
            return DOCUMENT
        if path == "/ready":
            if self.leaving:
                raise RefusedError(503, "the service is ending")
            return orjson.dumps({"version": self._served().version})
        return b'{"status":"alive"}'

    async def _predict(self, body: bytes | bytearray) -> bytes:
        self._served()
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise RefusedError(400, f"the body is not valid JSON: {error}") from None
        if type(found) is list:
            return self._predict_list(found)
        ride = _ride(found)
        model, minutes = await self._scored(ride)
        return orjson.dumps(
            {
                "model": self._name,
                "version": model.version,
                "ride_id": ride.ride_id,
                "ride_duration": minutes,
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

    async def _scored(self, ride: Ride) -> tuple[Model, float]:
        """The minutes of a ride, which is scored together with those of other requests that came with it.

        A call of XGBoost costs 50 us, however few rides it is for.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._gather, 0)
        future: asyncio.Future[tuple[Model, float]] = loop.create_future()
        self._waiting.append((ride, future))
        return await future

    def _gather(self, before: int) -> None:
        """Scores once a turn of the loop, in which it reads every socket, has brought no more rides."""
        if len(self._waiting) > before:
            asyncio.get_running_loop().call_soon(self._gather, len(self._waiting))
        else:
            self._score_waiting()

    def _score_waiting(self) -> None:
        waiting = [(ride, future) for ride, future in self._waiting if not future.done()]
        self._waiting.clear()
        try:
            model, minutes = self._score([ride for ride, _ in waiting])
        except Exception as error:
            for _, future in waiting:
                future.set_exception(error)
            return
        for (_, future), one in zip(waiting, minutes, strict=True):
            future.set_result((model, one))

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


async def _read(receive: Receive) -> bytes | bytearray:
    """The request's body, within `MAX_BYTES`."""
    message = await receive()
    body: bytes | bytearray = message.get("body", b"")
    if message.get("more_body"):
        body = bytearray(body)
        while message.get("more_body") and len(body) <= MAX_BYTES:
            message = await receive()
            body += message.get("body", b"")
    if len(body) > MAX_BYTES:
        raise RefusedError(413, f"the body is larger than {MAX_BYTES} bytes", _CLOSE)
    return body
