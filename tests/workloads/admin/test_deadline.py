"""Every answer within 3 seconds: a page waits for what hangs as long as its allowance is, and no longer."""

import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from botocore.config import Config
from flask import Flask
from werkzeug.test import TestResponse

from tests.workloads.admin.conftest import started
from tests.workloads.admin.pages import Person
from workloads.admin import aws, deadline, jobs, platform
from workloads.admin.errors import PlatformError
from workloads.admin.looks import LATE_SECONDS, Watch

NEVER = 600.0  # seconds after which clients give up here: nothing but the allowance ends the wait
LIMIT = 60.0  # seconds: no load makes a page take as long, and one that waits for a client takes longer
SCRIPT = "<script>alert(1)</script>"
RIDE = {"from": "7", "to": "132", "time": "2023-03-01T18:30"}
Ask = Callable[[Person], TestResponse]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Kinesis, S3, SQS, MLflow and Airflow take connections and never say a word."""
    monkeypatch.setattr(deadline, "PAGE_SECONDS", 0.2)
    monkeypatch.setattr(platform, "SAVE_WAIT_SECONDS", 0.2)
    patient = aws.QUICK.merge(Config(connect_timeout=NEVER, read_timeout=NEVER))
    monkeypatch.setattr(aws, "QUICK", patient)
    for module in ("tracking", "airflow"):
        monkeypatch.setattr(f"workloads.admin.{module}.TIMEOUT_SECONDS", NEVER)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield from started(MLFLOW_TRACKING_URI=url, AIRFLOW_URL=url)


def getting(path: str) -> Ask:
    return lambda person: person.signed_in("admin").get(path)


def expired(person: Person) -> TestResponse:
    with person.client.session_transaction() as session:
        session.update(user="admin", since=int(time.time()) - 9 * 3600)
    return person.client.get("/", follow_redirects=True)


ANSWERS: dict[str, tuple[Ask, int, str]] = {
    "wrong password": (lambda one: one.sign_in("admin", SCRIPT), 401, "password is wrong"),
    "no token": (lambda one: one.client.post("/sign-in", data={}), 400, "form is out of date"),
    "large form": (lambda one: one.client.post("/sign-in", data={"user": "x" * 70_000}), 413, "too large"),
    "expired session": (expired, 200, "session has ended"),
    "script for a zone": (
        lambda one: one.signed_in("admin").post("/predict", {**RIDE, "from": SCRIPT}),
        400,
        "no such zone",
    ),
    "hanging Kinesis": (
        lambda one: one.signed_in("admin").post("/predict", RIDE),
        503,
        "Kinesis does not answer in time",
    ),
    "viewer's button": (
        lambda one: one.signed_in("viewer").post("/predict", RIDE, form="/"),
        403,
        "may not do this",
    ),
    "redrive": (lambda one: one.signed_in("admin").post("/dead-letters/redrive"), 302, "Redirecting"),
    "stop": (lambda one: one.signed_in("admin").post("/simulator/stop", form="/simulator"), 302, "Redirect"),
    "overview": (getting("/"), 200, "being asked"),
    "overview, live": (getting("/live/overview"), 200, "being asked"),
    "simulator": (getting("/simulator"), 200, "Nothing was sent"),
    "predictions": (getting(f"/predictions?zone={SCRIPT}"), 200, "Against what rides took"),
    "why": (getting(f"/predictions/why?ride={SCRIPT}"), 503, "The data bucket does not answer in time"),
    "models": (getting("/models"), 200, "MLflow: being asked"),
    "promote": (getting("/models/promote/1"), 200, "MLflow: being asked"),
    "rollback": (getting("/models/rollback"), 200, "MLflow: being asked"),
    "drift": (getting("/drift"), 200, "Reports: being asked"),
    "drift of a day": (getting("/drift/2023-03-14"), 200, "Drift on 2023-03-14"),
    "report": (getting("/drift/2023-03-14/report.html"), 503, "The reports bucket does not answer in time"),
    "data": (getting("/data"), 200, "Months: being asked"),
    "runs": (getting("/runs"), 200, "Airflow: being asked"),
    "dead letters": (getting("/dead-letters"), 200, "SQS does not answer in time"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_everything_hangs(app: Flask, name: str) -> None:
    ask, status, text = ANSWERS[name]
    began = time.monotonic()
    answer = ask(Person(app.test_client()))
    assert time.monotonic() - began < LIMIT
    assert answer.status_code == status
    assert text in answer.text
    assert SCRIPT not in answer.text
    assert "Traceback" not in answer.text


def test_allowance_is_below_three_seconds() -> None:
    """Half a second is left to make the page; what a button stops is asked and killed in as much."""
    assert deadline.PAGE_SECONDS <= 2.5
    assert 2 * jobs._STOP_SECONDS <= deadline.PAGE_SECONDS


def test_waits_share_one_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    app, now = Flask("test"), [100.0]
    deadline.add(app)
    monkeypatch.setattr("workloads.admin.deadline.time.monotonic", lambda: now[0])
    with app.test_request_context():
        app.preprocess_request()
        assert deadline.left() == deadline.PAGE_SECONDS
        now[0] += deadline.PAGE_SECONDS - 0.01
        assert deadline.left() == pytest.approx(0.01)
        now[0] += 1
        assert deadline.left() == 0
        with pytest.raises(PlatformError, match="Kinesis does not answer in time"):
            deadline.in_time("Kinesis", lambda: time.sleep(NEVER))
    assert deadline.left() == float("inf")


def test_answer_and_refusal_come_through() -> None:
    def refuse() -> None:
        raise PlatformError("refuses")

    assert deadline.in_time("S3", lambda: 5) == 5
    with pytest.raises(PlatformError, match="refuses"):
        deadline.in_time("S3", refuse)


def test_answer_in_small_pieces_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client's time-out ends it, and the card says so nevertheless."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        watch = Watch("part", lambda: httpx.get(url, timeout=None).text, 5)
        assert not watch.seen().asked
        now = time.monotonic()
        monkeypatch.setattr("workloads.admin.looks.time.monotonic", lambda: now + LATE_SECONDS + 10)
        assert "has not answered for" in watch.seen().error
        watch.stop()
