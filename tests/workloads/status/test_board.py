"""The page as a browser or a monitor gets it, while the targets are well, hostile, or no longer looked at."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.workloads.status.conftest import Serve, answer
from workloads.status.board import Board
from workloads.status.page import html
from workloads.status.server import Server

OK = answer(b"OK")
CUT_OFF = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhea"
NESTED = answer(b"[" * 60_000)
TARGETS = '{"one": "http://127.0.0.1:9/"}'
Start = Callable[[Board], str]


@pytest.fixture
def start() -> Iterator[Start]:
    """Serves boards; gives their addresses."""
    servers: list[Server] = []

    def serve(board: Board) -> str:
        server = Server("127.0.0.1", 0, board)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def drip(connection: socket.socket) -> None:
    """One byte of an endless answer now and then, each in time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def test_page_and_json(serve: Serve, start: Start) -> None:
    board = Board({"MLflow": serve(OK), "Airflow": "http://127.0.0.1:9/"}, interval_seconds=60)
    board.refresh()
    url = start(board)
    code, page = get(url)
    assert (code, "Something is not up" in page, "MLflow" in page) == (200, True, True)
    code, text = get(f"{url}/status.json")
    states = {target["name"]: target["healthy"] for target in json.loads(text)["targets"]}
    assert (code, states) == (503, {"MLflow": True, "Airflow": False})
    assert get(f"{url}/healthz") == (200, "ok\n")
    assert get(f"{url}/etc/passwd")[0] == 404


def test_nothing_is_healthy_before_the_first_look(serve: Serve) -> None:
    board = Board({"one": serve(OK)}, interval_seconds=60)
    assert board.report() == {
        "healthy": False,
        "stale": False,
        "cut_off": False,
        "checked_at": None,
        "targets": [],
    }
    assert "Checked never" in html(board.report())
    board.refresh()
    assert board.report()["healthy"] is True


def test_endless_answer(serve: Serve) -> None:
    """A target that sends a byte now and then holds up neither the others nor the next look."""
    board = Board({"slow": serve(drip), "MLflow": serve(OK)}, interval_seconds=60, timeout_seconds=1)
    for _ in range(2):
        started = time.monotonic()
        board.refresh()
        assert time.monotonic() - started < 5
        slow, mlflow = board.report()["targets"]
        assert (slow["healthy"], slow["detail"]) == (False, "no complete answer within 1 s")
        assert mlflow["healthy"]


def test_hanging_target_is_asked_once(serve: Serve) -> None:
    """No threads pile up behind it."""
    asked: list[socket.socket] = []

    def hang(connection: socket.socket) -> None:
        asked.append(connection)
        drip(connection)

    board = Board({"one": serve(hang)}, interval_seconds=60, timeout_seconds=0.2)
    for _ in range(5):
        board.refresh()
    assert len(asked) == 1


def test_target_that_recovers(serve: Serve) -> None:
    """After each hostile answer the next look sees the target as it is."""
    sent = [b"", answer(b"O" * 99)[:-98], b"\x00" * 200, answer(b"x" * 200_000), OK]

    def next_answer(connection: socket.socket) -> None:
        connection.sendall(sent.pop(0))

    board = Board({"one": serve(next_answer)}, interval_seconds=60)
    found = []
    while sent:
        board.refresh()
        found.append(board.report()["healthy"])
    assert found == [False] * 4 + [True]


def test_stale_page(serve: Serve, start: Start) -> None:
    """When nobody looks any more, nothing is called up, and the container's own check fails."""
    now = 1000.0
    board = Board({"one": serve(OK)}, interval_seconds=15, timeout_seconds=5, clock=lambda: now)
    url = start(board)
    board.refresh()
    now += 25
    assert (get(url)[1].count("Everything is up"), get(f"{url}/healthz")[0]) == (2, 200)
    now += 1
    page = get(url)[1]
    assert ("Out of date" in page, "Everything is up" in page) == (True, False)
    assert ("was up" in page, '"up">up' in page) == (True, False)
    code, text = get(f"{url}/status.json")
    assert (code, json.loads(text)["stale"], json.loads(text)["healthy"]) == (503, True, False)
    assert get(f"{url}/healthz") == (503, "the last look at the services is 26 s old\n")
    board.refresh()
    assert (get(f"{url}/status.json")[0], get(f"{url}/healthz")[0]) == (200, 200)


def test_stale_before_the_first_look(start: Start) -> None:
    now = 1000.0
    board = Board({"one": "http://127.0.0.1:9/"}, interval_seconds=15, clock=lambda: now)
    now += 60
    assert get(f"{start(board)}/healthz")[0] == 503


def test_watching_goes_on(serve: Serve) -> None:
    """Answers that once ended the thread that looks."""
    board = Board({"one": serve(CUT_OFF), "two": serve(NESTED)}, interval_seconds=0.01)
    watching = threading.Thread(target=board.watch, daemon=True)
    watching.start()
    looked: set[float | None] = set()
    while len(looked) < 5:
        looked.add(board.report()["checked_at"])
        assert watching.is_alive()
    board.stop()
    watching.join(timeout=10)
    assert not watching.is_alive()


def test_escapes_what_targets_say(serve: Serve, start: Start) -> None:
    body = json.dumps({"<script>": {"status": "<b>"}, "\ud800": {"status": "\udfff"}}).encode()
    board = Board({"<i>": serve(answer(body))}, interval_seconds=60)
    board.refresh()
    code, page = get(start(board))
    assert code == 200
    assert not any(tag in page for tag in ("<b>", "<script>", "<i>"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("STATUS_TARGETS", value) for value in ("", "[]", "{}", '{"one": "ftp://x"}', "{", '{"one": 1}')),
        *(("STATUS_PORT", value) for value in ("", "http", "0", "70000")),
        *(("STATUS_INTERVAL_SECONDS", value) for value in ("0", "-1", "nan", "inf", "soon")),
        *(("STATUS_REFERENCE", value) for value in ("s3.amazonaws.com", ":443", "host:", "host:0", "host:x")),
    ],
)
def test_wrong_environment(variable: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workloads.status"],
        env={"STATUS_TARGETS": TARGETS, variable: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"the status page cannot start: {variable}: got {value!r}, allowed: ")
    assert done.stderr.count("\n") == 1


def test_port_in_use() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "workloads.status"],
            env={"STATUS_TARGETS": TARGETS, "STATUS_PORT": port},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"STATUS_PORT: {port} cannot be used" in done.stderr
