"""Connections that each send a request, wait for its answer and send the next, as a load balancer's do."""

import asyncio
import time
from typing import cast

import uvloop

_HEAD = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "


class Client(asyncio.Protocol):
    """One connection; `latencies` are the seconds of each of its requests."""

    def __init__(self, request: bytes, end: float) -> None:
        self._request = request
        self._end = end
        self._answer = b""
        self.latencies: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Takes an answer's next part; whoever answers badly ends the run."""
        self._answer += data
        if not whole(self._answer):
            return
        now = time.perf_counter()
        self.latencies.append(now - self._sent)
        self._answer = b""
        if now < self._end:
            self._send()
        else:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """An end that the server chose is an error."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


def whole(answer: bytes) -> bool:
    """Whether the answer, which has to be a good one, has come to its end."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(answer[:200])
    return len(answer) == end + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])


def load(port: int, body: bytes, *, connections: int, seconds: float) -> list[float]:
    """The seconds of each request of all connections."""
    request = f"{_HEAD}{len(body)}\r\n\r\n".encode() + body

    async def run() -> list[float]:
        loop, end = asyncio.get_running_loop(), time.perf_counter() + seconds
        made = [
            await loop.create_connection(lambda: Client(request, end), "127.0.0.1", port)
            for _ in range(connections)
        ]
        clients = [client for _, client in made]
        await asyncio.gather(*(client.done for client in clients))
        return [latency for client in clients for latency in client.latencies]

    return uvloop.run(run())
