"""Lambda's Invoke API in front of the sandbox's own function; what else is asked of Lambda, moto answers.

moto runs a function only in Docker. With `AWS_ENDPOINT_URL_LAMBDA` set to this server's address, the admin
GUI's redrive reaches the process that the event source mapping invokes, one call at a time.
"""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from workloads.delivery.response import InvocationResult

Function = Callable[[bytes], InvocationResult]
_TIMEOUT_SECONDS = 60
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class OneAtATime:
    """A function that several threads may call, and that runs once at a time."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._lock = threading.Lock()

    def __call__(self, event: bytes) -> InvocationResult:
        """What the function answers."""
        with self._lock:
            return self._function(event)


@contextmanager
def invoke_api(function: Function, moto: str) -> Iterator[str]:
    """The address of the API, as long as the block runs."""
    server = _Server(function, moto)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # clients keep connections open

    def __init__(self, function: Function, moto: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.function = function
        self.moto = moto


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.endswith("/invocations"):
            self._forward(body)
            return
        result = cast(_Server, self.server).function(body)
        error = {"X-Amz-Function-Error": result.function_error} if result.function_error else {}
        self._answer(200, result.payload, {"X-Amz-Executed-Version": "$LATEST", **error})

    def do_GET(self) -> None:
        self._forward(None)

    def _forward(self, body: bytes | None) -> None:
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
        }
        address = cast(_Server, self.server).moto + self.path
        request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310 - moto's own address
        try:
            with _DIRECT.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                self._answer(answer.status, answer.read(), {})
        except urllib.error.HTTPError as error:
            kind = error.headers.get("x-amzn-ErrorType")
            self._answer(error.code, error.read(), {"x-amzn-ErrorType": kind} if kind else {})

    def _answer(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: moto's own log has what failed."""
