"""The status page: asked over HTTP, about servers that are up, down, slow or half well."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workloads.status.board import Board, ask
from workloads.status.page import html
from workloads.status.server import Server

AIRFLOW = {
    "metadatabase": {"status": "healthy"},
    "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": "2025-01-01T00:00:00Z"},
    "triggerer": {"status": None},
}


@pytest.fixture
def served() -> Iterator[Callable[[bytes, int], str]]:
    """Starts servers that always answer the same; gives their URLs."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes, code: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(code)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/health"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def asked(url: str) -> Any:
    return ask("one", url, timeout_seconds=5)


def test_what_answers_is_up(served: Any) -> None:
    state = asked(served(b"OK"))
    assert (state.healthy, state.parts) == (True, {})


def test_airflow_is_up_when_no_component_is_unhealthy(served: Any) -> None:
    state = asked(served(json.dumps(AIRFLOW).encode()))
    assert (state.healthy, state.parts) == (True, {"metadatabase": "healthy", "scheduler": "healthy"})


def test_a_component_without_heartbeat_is_seen_although_the_answer_is_200(served: Any) -> None:
    state = asked(served(json.dumps(AIRFLOW | {"scheduler": {"status": "unhealthy"}}).encode()))
    assert (state.healthy, state.parts["scheduler"]) == (False, "unhealthy")


@pytest.mark.parametrize("body", [b"[1, 2]", b'{"status": "fine"}', b"\xff"])
def test_an_answer_of_another_form_is_an_answer(served: Any, body: bytes) -> None:
    assert asked(served(body)).healthy


def test_an_error_and_no_answer_at_all_are_down_and_say_why(served: Any) -> None:
    assert "503" in asked(served(b"", 503)).detail
    gone = asked("http://127.0.0.1:9/health")
    assert not gone.healthy
    assert "refused" in gone.detail


@pytest.mark.parametrize(
    ("component", "code"), [([], 0), (["scheduler"], 0), (["dag_processor"], 1), (["triggerer"], 1)]
)
def test_a_container_s_check_tells_one_component_from_the_others(
    served: Any, component: list[str], code: int
) -> None:
    url = served(json.dumps(AIRFLOW | {"dag_processor": {"status": "unhealthy"}}).encode())
    assert check(url, *component).returncode == code


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", None])
def test_a_container_s_check_fails_in_words_when_nothing_or_an_error_answers(served: Any, url: str) -> None:
    done = check(url or served(b"", 500))
    assert done.returncode == 1
    assert "http://127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the compose files call as `/platform/bin/check.py`."""
    script = Path(__file__).parents[3] / "workloads" / "images" / "bin" / "check.py"
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)


def test_nothing_is_called_healthy_before_it_was_looked_at(served: Any) -> None:
    board = Board({"one": served(b"OK")})
    assert board.report()["healthy"] is False
    board.refresh()
    assert board.report()["healthy"] is True


def test_watching_ends_when_it_is_told_to(served: Any) -> None:
    board = Board({"one": served(b"OK")})
    watching = threading.Thread(target=board.watch, args=(60,))
    watching.start()
    board.stop()
    watching.join(timeout=10)
    assert not watching.is_alive()


def get(server: Server, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_page_is_for_people_and_its_json_for_monitors(served: Any) -> None:
    board = Board({"MLflow": served(b"OK"), "Airflow": "http://127.0.0.1:9/"})
    board.refresh()
    server = Server("127.0.0.1", 0, board)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        code, page = get(server, "/")
        assert (code, "Something is not up" in page, "MLflow" in page) == (200, True, True)
        code, text = get(server, "/status.json")
        states = {target["name"]: target["healthy"] for target in json.loads(text)["targets"]}
        assert (code, states) == (503, {"MLflow": True, "Airflow": False})
        assert get(server, "/healthz") == (200, "ok\n")
        assert get(server, "/etc/passwd")[0] == 404
    finally:
        server.shutdown()
        server.server_close()


def test_what_a_server_says_cannot_become_part_of_the_page() -> None:
    target = {
        "name": "<b>",
        "healthy": False,
        "detail": "<script>",
        "milliseconds": 1,
        "parts": {"<i>": "<u>"},
    }
    page = html({"healthy": False, "checked_at": 0, "targets": [target]})
    assert not any(tag in page for tag in ("<b>", "<script>", "<i>", "<u>"))


@pytest.mark.parametrize("targets", ["", "[]", '{"one": "ftp://x"}', "{"])
def test_an_environment_that_cannot_be_used_is_refused_in_words(targets: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workloads.status"],
        env={"STATUS_TARGETS": targets},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"the status page cannot start: STATUS_TARGETS: got {targets!r}, allowed: ")
    assert "Traceback" not in done.stderr
