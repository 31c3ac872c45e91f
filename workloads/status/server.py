"""Serves the board: `/` for people, `/status.json` for programs, `/healthz` for the container's own check."""

import json
import socket
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from workloads.status.board import Board
from workloads.status.page import POLICY, html


class Server(ThreadingHTTPServer):
    """An HTTP server of one board; port 0 takes a free one, and a `listener` that listens already is used."""

    daemon_threads = True

    def __init__(self, host: str, port: int, board: Board, *, listener: socket.socket | None = None) -> None:
        super().__init__((host, port), _Handler, bind_and_activate=listener is None)
        if listener is not None:
            self.socket.close()
            self.socket = listener
        self.board = board


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 10  # seconds, for a client that sends nothing

    def do_GET(self) -> None:
        report = self.server.board.report()
        if self.path == "/":
            self._answer(html(report), "text/html; charset=utf-8")
        elif self.path == "/status.json":
            # A monitor that looks at the code alone must see it too.
            code = HTTPStatus.OK if report["healthy"] else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(json.dumps(report), "application/json", code)
        elif self.path == "/healthz":
            self._healthz()
        else:
            self._answer("no such page\n", "text/plain", HTTPStatus.NOT_FOUND)

    def _healthz(self) -> None:
        board = self.server.board
        if board.stale:
            text = f"the last look at the services is {board.age_seconds:.0f} s old\n"
            self._answer(text, "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._answer("ok\n", "text/plain")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the checks would drown everything else."""

    def _answer(self, text: str, kind: str, code: HTTPStatus = HTTPStatus.OK) -> None:
        body = text.encode(errors="replace")  # a part's name may be half of a surrogate pair
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
