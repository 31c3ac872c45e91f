"""A local S3 that answers by a script."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from credentials import Credentials
from s3 import Bucket

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A local S3 that answers by a script and keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.pauses: list[float] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                outer.script.pop(0)(self)

            do_GET = do_PUT = answer  # noqa: N815 - the standard library's names

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


def answers(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    """Closes the connection without an answer."""
    request.close_connection = True


def breaks_off(request: BaseHTTPRequestHandler) -> None:
    """Closes the connection in the middle of the body."""
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b"half")
    request.close_connection = True


def error(status: int, code: str) -> Answer:
    """Answers as S3 does when it refuses."""
    return answers(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())


def bucket(server: Server) -> Bucket:
    """A client of the server."""
    return Bucket(
        "data", region="us-east-1", credentials=lambda: Credentials("AKID", "secret", ""), endpoint=server.url
    )
