"""`python -m ops.sandbox.status_server FD`: the status page on a listening socket of this machine alone."""

import json
import os
import socket
import sys
import threading

from workloads.status.board import Board
from workloads.status.server import Server

INTERVAL_SECONDS = 5


def main(descriptor: int) -> None:
    """Serves until it is ended."""
    board = Board(json.loads(os.environ["STATUS_TARGETS"]), interval_seconds=INTERVAL_SECONDS)
    threading.Thread(target=board.watch, daemon=True).start()
    Server("127.0.0.1", 0, board, listener=socket.socket(fileno=descriptor)).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
