"""Pages in front of a platform that answers, that does not, and that is told to do harm."""

import json
import re
import time

import pytest

from tests.workloads.admin.conftest import Stack
from tests.workloads.admin.pages import Person
from workloads.admin.app import PAGES
from workloads.admin.pages.simulator import SHIFT_WORDS
from workloads.streaming.replay import MONTH_SHIFTS
from workloads.streaming.shifts import SHIFTS

PATHS = [
    "/",
    "/predict",
    "/simulator",
    "/predictions",
    "/models",
    "/drift",
    "/data",
    "/runs",
    "/dead-letters",
]
BUTTONS = [
    "/predict",
    "/simulator/start",
    "/simulator/stop",
    "/models/promote/1",
    "/models/rollback",
    "/dead-letters/redrive",
]
SECONDS = 15.0  # it takes 2; on a machine with much else to do more, and without time limits a minute
RIDE = {
    "from": "Astoria, Queens (7)",
    "to": "132",
    "miles": "",
    "time": "2023-03-01T18:30",
    "passengers": "2",
}
HOSTILE = "<script>alert(1)</script>"


def test_every_page_is_listed() -> None:
    assert len(PAGES) == len(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_page_without_a_platform(admin: Person, path: str) -> None:
    """Nothing answers: the page says so, in time and without a traceback."""
    began = time.monotonic()
    answer = admin.get(path)
    assert time.monotonic() - began < SECONDS
    assert answer.status_code == 200
    assert "Traceback" not in answer.text
    assert path in ("/predict", "/simulator") or re.search("does not answer|being asked", answer.text)


def test_every_button_is_listed(admin: Person) -> None:
    rules = [rule for rule in admin.client.application.url_map.iter_rules() if "POST" in (rule.methods or ())]
    found = {rule.rule.replace("<number>", "1") for rule in rules}
    assert found == {*BUTTONS, "/sign-in", "/sign-out"}


@pytest.mark.parametrize("path", BUTTONS)
def test_viewer_may_not_use_buttons(viewer: Person, path: str) -> None:
    assert viewer.post(path, RIDE, form="/").status_code == 403


@pytest.mark.parametrize("path", BUTTONS)
def test_buttons_want_a_token(admin: Person, path: str) -> None:
    assert admin.client.post(path, data=RIDE).status_code == 400


def test_dead_kinesis(admin: Person) -> None:
    began = time.monotonic()
    answer = admin.post("/predict", RIDE)
    assert time.monotonic() - began < SECONDS
    assert answer.status_code == 503
    assert "Kinesis does not answer" in answer.text


@pytest.mark.parametrize("name", ["from", "to", "miles", "time", "passengers"])
def test_hostile_rides_are_refused(admin: Person, name: str) -> None:
    answer = admin.post("/predict", {**RIDE, name: HOSTILE})
    assert answer.status_code == 400
    assert HOSTILE not in answer.text


@pytest.mark.parametrize("miles", ["0", "-1", "nan", "inf", "1e9"])
def test_impossible_distances_are_refused(admin: Person, miles: str) -> None:
    assert "Distance: give miles above 0" in admin.post("/predict", {**RIDE, "miles": miles}).text


def test_hostile_filters_are_escaped(admin: Person) -> None:
    for name in ("ride", "zone", "version", "day"):
        assert HOSTILE not in admin.get("/predictions", query_string={name: HOSTILE}).text
    assert HOSTILE not in admin.get("/predictions/why", query_string={"ride": HOSTILE}).text
    assert admin.get(f"/drift/{HOSTILE}/report.html").status_code == 404


def test_ride_goes_into_the_stream(stack: Stack) -> None:
    answer = stack.admin.post("/predict", RIDE)
    (event,) = map(json.loads, stack.events())
    assert answer.headers["Location"] == f"/predict/{event['ride_id']}"
    assert event["ride"] == {
        "PULocationID": 7,
        "DOLocationID": 132,
        "trip_distance": 13.4,
        "lpep_pickup_datetime": "2023-03-01T18:30:00",
        "passenger_count": 2,
    }
    assert "On its way" in stack.admin.get(answer.headers["Location"]).text


def test_distance_between_zones(admin: Person) -> None:
    def miles(start: str, end: str) -> float | None:
        found: float | None = admin.get(
            "/predict/distance.json", query_string={"from": start, "to": end}
        ).json["miles"]  # type: ignore[index]
        return found

    assert miles("Astoria, Queens (7)", "Astoria") == 0.8
    assert miles("132", "1") == 26.1
    assert miles("264", "1") is None
    assert miles("nowhere", "1") is None


@pytest.mark.parametrize(
    ("field", "value"), [("rate", "1000000"), ("shift", "x"), ("month", "2023-13"), ("rides", "0")]
)
def test_simulator_refuses(admin: Person, field: str, value: str) -> None:
    fields = {"rate": "5", "shift": "", "month": "2023-03", "rides": "10", field: value}
    assert admin.post("/simulator/start", fields, form="/simulator").status_code == 302
    assert 'class="message error"' in admin.get("/simulator").text
    assert admin.client.application.extensions["platform"].simulator.job is None


def test_change_of_a_model_needs_a_reason(admin: Person) -> None:
    answer = admin.post("/models/promote/2", {"reason": "  "}, form="/models/rollback")
    assert answer.headers["Location"] == "/models/promote/2"
    assert admin.client.application.extensions["platform"].model_job.job is None


def test_dead_letters_are_shown_and_stay(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.queue, MessageBody=HOSTILE)
    for _ in range(2):
        answer = stack.admin.get("/dead-letters").text
        assert "not a discarded Kinesis batch" in answer
        assert HOSTILE not in answer


def test_report_is_kept_apart(stack: Stack) -> None:
    stack.put("drift/2023-03-14/report.html", b"<p>report", bucket="reports")
    answer = stack.admin.get("/drift/2023-03-14/report.html")
    assert answer.data == b"<p>report"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "default-src 'none'" in policy
    assert "allow-same-origin" not in policy


def test_views_ask_for_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the overview shows was asked for before, however much lies in the bucket."""
    platform = stack.admin.client.application.extensions["platform"]
    for watch in (platform.flow, platform.pointers, platform.history, platform.dead_letters):
        watch.look()
    platform.stop()

    def refuse(*_: object) -> None:
        raise AssertionError("a view has asked AWS")

    with monkeypatch.context() as patch:
        patch.setattr("botocore.client.BaseClient._make_api_call", refuse)
        answer = stack.admin.get("/live/overview")
    assert answer.status_code == 200
    assert "Predictions a minute" in answer.text


def test_simulator_offers_every_shift() -> None:
    assert list(SHIFT_WORDS) == [*SHIFTS, *MONTH_SHIFTS]
