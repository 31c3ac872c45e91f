"""A month's report: all of its days at once, with what each one's report found."""

import json

import pytest
from typer.testing import CliRunner, Result

from tests.workloads.monitoring.monitored import Monitored
from workloads.data.s3 import Bucket
from workloads.drift.shifts import zone_remap
from workloads.monitoring import period
from workloads.monitoring.__main__ import app

KEYS = ["drift/2023-03/report.html", "drift/2023-03/report.json"]


def report(chosen: str, *words: str) -> Result:
    places = ["--data-bucket", "data", "--reports-bucket", "reports", "--model-name", "rides"]
    return CliRunner().invoke(app, ["report-period", chosen, *places, *words])


@pytest.fixture
def joined(monitored: Monitored) -> Monitored:
    """Two reported days, the second one shifted; one without rides, and one that is joined alone."""
    monitored.day(0)
    monitored.day(1, zone_remap)
    monitored.day(2, lambda rides: rides.head(0))
    monitored.join(6, lambda rides: rides.head(50).assign(version="4"))
    return monitored


def test_month(joined: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidently's page and the figures of all rides; alerts and trainings stay as they were."""
    before, told = joined.history().rows, joined.alerts()
    first = report("2023-03", "--json")
    found = json.loads(first.stdout)
    count = len(joined.usual)
    assert found["versions"] == {"3": 2 * count, "4": 50}
    assert (found["rides"], found["completed"], found["version"]) == (2 * count + 50, 2 * count + 50, "3")
    assert len(found["not_joined"]) == 31 - 4
    days = [(each["day"], each["rides"], bool(each["drift"])) for each in found["days"]]
    assert days == [("2023-03-07", count, False), ("2023-03-08", count, True), ("2023-03-09", 0, False)]
    page, body = (joined.reports.get(key) or b"" for key in KEYS)
    assert b"pickup_hour (in bins)" in page
    document = json.loads(body)
    assert len(document["hour"]) == 24
    assert {each["group"] for each in document["borough"]} >= {"Manhattan", "Brooklyn"}
    assert sum(each["rides"] for each in document["borough"]) == found["completed"]
    monkeypatch.setattr(period, "render", lambda *_: (b"<html>", {}))
    assert report("2023-03", "--json").stdout == first.stdout
    assert (joined.history().rows, len(told), joined.alerts()) == (before, 1, [])


def test_range_in_words(joined: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period, "render", lambda *_: (b"<html>", {}))
    lines = report("2023-03-08..2023-03-10").stdout.splitlines()
    assert lines[0].startswith(f"2023-03-08_2023-03-10: {len(joined.usual)} rides")
    assert lines[2:] == [
        "2 days were reported, of which with an alarm: 2023-03-08",
        "not joined: 2023-03-10",
        "s3://reports/drift/2023-03-08_2023-03-10/report.html",
    ]


@pytest.mark.parametrize(
    ("chosen", "code", "message"),
    [
        ("2023-13", 2, "month: got '2023-13', allowed: YYYY-MM"),
        ("2023-03-02..2023-03-01", 2, "PERIOD: got '2023-03-02..2023-03-01', allowed: FIRST..LAST"),
        ("2023-03-01..2024-03-02", 2, "366 days at most"),
        ("2023-03-01..tomorrow", 2, "PERIOD: got 'tomorrow', allowed: a day"),
        ("2023-04", 1, "has no rides of 2023-04-01 to 2023-04-30; join the days first"),
    ],
)
def test_one_clear_message(joined: Monitored, chosen: str, code: int, message: str) -> None:
    done = report(chosen)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert message in done.stderr


@pytest.mark.parametrize("key", KEYS)
def test_cut_off_and_done_again(joined: Monitored, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """At each of its writes."""
    monkeypatch.setattr(period, "render", lambda *_: (b"<html>", {}))
    put = Bucket.put

    def cut(self: Bucket, written: str, body: bytes) -> None:
        if written == key:
            raise KeyboardInterrupt
        put(self, written, body)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", cut)
        report("2023-03")
    assert joined.reports.get(KEYS[1]) is None
    assert report("2023-03").exit_code == 0
    assert all(joined.reports.get(each) for each in KEYS)
