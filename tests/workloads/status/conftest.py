"""Real servers on the loopback interface that answer whatever a test makes them answer."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

Script = Callable[[socket.socket], object]
Serve = Callable[[bytes | Script], str]


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP answer with its true length."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that read a request and then send bytes or run a script; gives their URLs."""
    listeners: list[socket.socket] = []

    def start(script: bytes | Script) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=accept, args=(listener, script), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/health"

    yield start
    for listener in listeners:
        listener.close()


def accept(listener: socket.socket, script: bytes | Script) -> None:
    """Serves every connection in a thread of its own until the listener is closed."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=converse, args=(connection, script), daemon=True).start()


def converse(connection: socket.socket, script: bytes | Script) -> None:
    with connection:
        try:
            connection.recv(65536)
            if isinstance(script, bytes):
                connection.sendall(script)
            else:
                script(connection)
        except OSError:
            pass  # the client has had enough
