"""The status page of a stack without instances: for everybody, and true."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.workloads.admin.conftest import started
from tests.workloads.admin.pages import Person

NOWHERE = "255.255.255.255:443"  # the kernel itself says: network is unreachable


@pytest.fixture
def mlflow() -> Iterator[str]:
    """Something that answers every question with 200."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, mlflow: str) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", mlflow)


def until_answered(app: Flask, person: Person) -> TestResponse:
    """What a person sees once no answer has been late: others use this machine too."""
    for _ in range(10):
        app.extensions["platform"].board.refresh()
        answer = person.get("/status.json")
        if "no complete answer" not in answer.text:
            break
    return answer


@pytest.mark.parametrize("airflow", ["up", "down"])
def test_everybody_sees_what_is_up(account: None, mlflow: str, airflow: str) -> None:
    url = mlflow if airflow == "up" else "http://127.0.0.1:9"
    for app in started(MLFLOW_TRACKING_URI=mlflow, AIRFLOW_URL=url):
        nobody = Person(app.test_client())
        assert nobody.get("/status.json").status_code == 503  # nobody has looked yet
        answer = until_answered(app, nobody)
        assert answer.status_code == (200 if airflow == "up" else 503)
        assert answer.json
        down = [each["name"] for each in answer.json["targets"] if each["state"] == "down"]
        assert down == ([] if airflow == "up" else ["Airflow"])
        page = nobody.get("/status")
        assert page.status_code == 200
        assert ("Everything is up" in page.text) == (airflow == "up")
        assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
        assert nobody.get("/status.html").status_code == 302


def test_page_that_is_cut_off_calls_nothing_down(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither S3 nor a part can be reached: there is no route to them."""
    nowhere = f"http://{NOWHERE}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)
    for app in started(MLFLOW_TRACKING_URI=nowhere):
        app.extensions["platform"].board.refresh()
        report = app.test_client().get("/status.json").json
        assert report
        assert report["cut_off"]
        assert [each["state"] for each in report["targets"]] == ["unknown"]
