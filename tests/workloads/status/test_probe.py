"""One look at a target that is up, down, half well, or hostile."""

import json

import pytest

from tests.workloads.status.conftest import Serve, answer
from workloads.status.probe import MAX_BYTES, State, ask

AIRFLOW = {
    "metadatabase": {"status": "healthy"},
    "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": "2025-01-01T00:00:00Z"},
    "triggerer": {"status": None},
}
JSON = "Content-Type: application/json\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def look(url: str) -> State:
    return ask("one", url, timeout_seconds=2)


def airflow(**parts: object) -> bytes:
    return answer(json.dumps(AIRFLOW | parts).encode(), headers=JSON)


def test_answer_is_healthy(serve: Serve) -> None:
    state = look(serve(answer(b"OK")))
    assert (state.healthy, state.detail, state.parts) == (True, "answers", {})


def test_parts_of_airflow(serve: Serve) -> None:
    state = look(serve(airflow()))
    assert (state.healthy, state.parts) == (True, {"metadatabase": "healthy", "scheduler": "healthy"})


def test_unhealthy_part(serve: Serve) -> None:
    """A component without a heartbeat is seen although the answer is 200."""
    state = look(serve(airflow(scheduler={"status": "unhealthy"})))
    assert (state.healthy, state.parts["scheduler"]) == (False, "unhealthy")


@pytest.mark.parametrize("body", [b"[1, 2]", b'{"status": "fine"}', b'"x"', b"\xff\x00", b"", b"<html>"])
def test_answers_of_another_form(serve: Serve, body: bytes) -> None:
    assert look(serve(answer(body))).healthy


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        (answer(b"", status="503 Busy"), "HTTP Error 503: Busy"),
        (
            answer(b"", status="302 Found", headers="Location: file:///etc/passwd\r\n"),
            "HTTP Error 302: Found",
        ),
        (answer(b"O" * 99)[:-98], "cut off 98 bytes before its end"),
        (CHUNKED + b"9\r\nhea", "IncompleteRead"),
        (CHUNKED + b"xyz\r\n", "IncompleteRead"),
        (b"", "RemoteDisconnected"),
        (b"\x16\x03\x01\x00binary\r\n\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n", "more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", "LineTooLong"),
        (answer(b'{"scheduler": {"sta', headers=JSON), "is not valid JSON"),
        (answer(b"\xff\xfe\x00", headers=JSON), "is not valid JSON"),
        (answer(b"[" * MAX_BYTES, headers=JSON), "RecursionError"),
        (answer(b'{"a": ' + b"9" * 5000 + b"}", headers=JSON), "is not valid JSON"),
        (answer(b"x" * (MAX_BYTES + 1)), "more than 65536 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n" + b"x" * 70_000,
            "more than 65536 bytes",
        ),
    ],
)
def test_hostile_answers(serve: Serve, sent: bytes, detail: str) -> None:
    """Every one of them makes the target unhealthy, and none raises."""
    state = look(serve(sent))
    assert (state.healthy, state.parts) == (False, {})
    assert detail in state.detail


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://[", "http://", "http://127.0.0.1:99999/"])
def test_no_answer(url: str) -> None:
    state = look(url)
    assert (state.healthy, state.parts) == (False, {})
    assert state.detail


def test_silent_server(serve: Serve) -> None:
    state = ask("one", serve(lambda connection: connection.recv(1)), timeout_seconds=0.2)
    assert (state.healthy, "timed out" in state.detail) == (False, True)
