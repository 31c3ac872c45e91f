"""`python -m workloads.status` takes everything from the environment.

STATUS_TARGETS is a JSON object of names to health URLs, STATUS_PORT the port (8081), STATUS_HOST the address
to listen on (0.0.0.0), STATUS_INTERVAL_SECONDS the time between looks (15). STATUS_REFERENCE is a host:port
that can be reached whenever this machine's network works, STATUS_HISTORY_FILE where the last 24 hours are
kept; both may be left out.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from workloads.status.board import Board
from workloads.status.history import History
from workloads.status.server import Server


def main() -> int:
    """Serves until SIGTERM or SIGINT; 2 when the environment cannot be used."""
    try:
        targets = _targets(os.environ.get("STATUS_TARGETS", ""))
        port = int(_number("STATUS_PORT", "8081", 65535))
        file = os.environ.get("STATUS_HISTORY_FILE", "")
        board = Board(
            targets,
            interval_seconds=_number("STATUS_INTERVAL_SECONDS", "15", 3600),
            reference=_reference(os.environ.get("STATUS_REFERENCE", "")),
            history=History(targets, file=Path(file) if file else None),
        )
        server = _server(port, board)
    except ValueError as error:
        print(f"the status page cannot start: {error}", file=sys.stderr)
        return 2

    def stop(_signal: int, _frame: FrameType | None) -> None:
        board.stop()
        threading.Thread(target=server.shutdown).start()  # it waits for the loop that this handler holds up

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    watching = threading.Thread(target=board.watch, daemon=True)
    watching.start()
    server.serve_forever()
    server.server_close()
    watching.join(timeout=8)  # a look takes 5 seconds at most, and then the history is written
    return 0


def _targets(text: str) -> dict[str, str]:
    try:
        targets = json.loads(text)
    except ValueError:
        targets = None
    if not isinstance(targets, dict) or not targets or not all(map(_is_url, targets.values())):
        raise ValueError(
            f"STATUS_TARGETS: got {text!r}, allowed: a JSON object of names to http URLs, "
            'such as {"MLflow": "http://mlflow:5000/health"}'
        )
    return targets


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _reference(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text and not (host and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(
            f"STATUS_REFERENCE: got {text!r}, allowed: host:port, such as s3.us-east-1.amazonaws.com:443"
        )
    return text


def _number(name: str, default: str, most: int) -> float:
    text = os.environ.get(name, default)
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 1 <= number <= most:  # false for NaN too
        raise ValueError(f"{name}: got {text!r}, allowed: a number from 1 to {most}, such as {default}")
    return number


def _server(port: int, board: Board) -> Server:
    try:
        host = os.environ.get("STATUS_HOST", "0.0.0.0")  # noqa: S104 - a container's port, published by compose
        return Server(host, port, board)
    except OSError as error:
        raise ValueError(f"STATUS_PORT: {port} cannot be used ({error}); choose a free port") from error


if __name__ == "__main__":
    sys.exit(main())
