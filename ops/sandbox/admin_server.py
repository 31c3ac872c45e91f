"""`python -m ops.sandbox.admin_server FD`: the admin GUI on a listening socket of this machine alone.

`python -m workloads.admin` listens on every address, as a container has to.
"""

import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType

import waitress

from workloads.admin.__main__ import MAX_REQUEST_BYTES, THREADS
from workloads.admin.app import create_app
from workloads.admin.settings import Settings


def main(descriptor: int) -> None:
    """Serves until it is ended."""
    server = waitress.create_server(
        create_app(Settings.of(os.environ)),
        sockets=[socket.socket(fileno=descriptor)],
        threads=THREADS,
        max_request_body_size=MAX_REQUEST_BYTES,
        ident=None,
    )
    signal.signal(signal.SIGTERM, _stop)
    with suppress(KeyboardInterrupt):
        server.run()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(int(sys.argv[1]))
