"""Lambda's Runtime API for one function: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html ."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

_BASE = "/2018-06-01/runtime/"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:predictor:live"


@dataclass
class RuntimeApi:
    """Gives events to a runtime, one after the other, and keeps what it answers.

    An answer is the last part of the path that the runtime sent it to (`response` or `error`), and its body.
    """

    address: str = ""
    events: "Queue[tuple[str, bytes]]" = field(default_factory=Queue)
    answers: "Queue[tuple[str, Any]]" = field(default_factory=Queue)
    sent: int = 0

    def send(self, event: Any) -> None:
        """Puts an event in the runtime's way."""
        self.sent += 1
        self.events.put((f"00000000-0000-0000-0000-{self.sent:012}", json.dumps(event).encode()))

    def answer(self, seconds: float = 60) -> tuple[str, Any]:
        """The next answer.

        Raises:
            queue.Empty: there was none in time.
        """
        return self.answers.get(timeout=seconds)


@contextmanager
def serve() -> Iterator[RuntimeApi]:
    """The API on a port of this machine."""
    api = RuntimeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == f"{_BASE}invocation/next", self.path
            request, body = api.events.get()
            headers = {
                "Lambda-Runtime-Aws-Request-Id": request,
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 30_000),
                "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
                "Content-Type": "application/json",
            }
            self._reply(200, body, headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path.startswith(_BASE), self.path
            api.answers.put((self.path.rpartition("/")[2], json.loads(body)))
            self._reply(202, b'{"status":"OK"}', {})

        def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True  # one waits for an event that may never come
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        api.address = f"127.0.0.1:{server.server_port}"
        yield api
        server.shutdown()
