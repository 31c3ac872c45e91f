#!/usr/bin/python3
"""The part of EC2's instance metadata service (IMDSv2) that the host scripts and the AWS command line ask.

A file `/run/spot-notice` is a notice that AWS takes the instance back.
"""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN = "token"  # noqa: S105 - what it is does not matter, only that it is asked for
ROLE = "instance"
NOTICE = Path("/run/spot-notice")
CREDENTIALS = {
    "Code": "Success",
    "AccessKeyId": "rehearsal",
    "SecretAccessKey": "rehearsal",
    "Token": "rehearsal",
    "Expiration": "2099-01-01T00:00:00Z",
}


def answer(path: str) -> str | None:
    """What `path` below `/latest/meta-data/` holds; None for nothing."""
    match path:
        case "local-ipv4" | "public-ipv4":
            return socket.gethostbyname(socket.gethostname())
        case "iam/security-credentials/":
            return ROLE
        case "iam/security-credentials/instance":
            return json.dumps(CREDENTIALS)
        case "spot/instance-action" if NOTICE.exists():
            return json.dumps({"action": "stop", "time": "2099-01-01T00:00:00Z"})
    return None


class Metadata(BaseHTTPRequestHandler):
    """Answers a request that has a token, as IMDSv2 asks."""

    def do_PUT(self) -> None:
        """The token."""
        self._send(200 if self.path == "/latest/api/token" else 404, TOKEN)

    def do_GET(self) -> None:
        """A value."""
        if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
            return self._send(401, "")
        found = answer(self.path.removeprefix("/latest/meta-data/"))
        return self._send(404 if found is None else 200, found or "")

    def log_message(self, *_words: object) -> None:
        """Says nothing: it is asked every five seconds."""

    def _send(self, code: int, text: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("169.254.169.254", 80), Metadata).serve_forever()
