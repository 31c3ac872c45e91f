"""The status page of a stack without instances: for everybody, and true."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.workloads.admin.conftest import started
from tests.workloads.admin.pages import Person


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


@pytest.mark.parametrize("airflow", ["up", "down"])
def test_everybody_sees_what_is_up(account: None, mlflow: str, airflow: str) -> None:
    url = mlflow if airflow == "up" else "http://127.0.0.1:9"
    for app in started(MLFLOW_TRACKING_URI=mlflow, AIRFLOW_URL=url):
        nobody = Person(app.test_client())
        assert nobody.get("/status.json").status_code == 503  # nobody has looked yet
        app.extensions["platform"].board.refresh()
        answer = nobody.get("/status.json")
        assert answer.status_code == (200 if airflow == "up" else 503)
        assert answer.json
        states = {each["name"]: each["state"] for each in answer.json["targets"]}
        assert states == {"MLflow": "up", "Airflow": airflow}
        page = nobody.get("/status")
        assert page.status_code == 200
        assert ("Everything is up" in page.text) == (airflow == "up")
        assert "style-src 'sha256-" in page.headers["Content-Security-Policy"]
        assert nobody.get("/status.html").status_code == 302


def test_page_that_is_cut_off_calls_nothing_down(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither S3 nor a part can be reached: names are not even found."""
    nowhere = "http://nowhere.invalid"
    monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)
    for app in started(MLFLOW_TRACKING_URI=nowhere):
        app.extensions["platform"].board.refresh()
        report = app.test_client().get("/status.json").json
        assert report
        assert report["cut_off"]
        assert [each["state"] for each in report["targets"]] == ["unknown"]
