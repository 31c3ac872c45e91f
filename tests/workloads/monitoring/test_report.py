"""A day's report: what it writes and tells, that doing it again changes nothing, and what it asks for."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from tests.workloads.monitoring.monitored import FIRST, FOLDER, Change, Monitored
from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.drift.shifts import slow_traffic, zone_remap
from workloads.monitoring import evidently_report, notices
from workloads.monitoring import report as report_module


def test_usual_day(monitored: Monitored) -> None:
    found = monitored.day(0).document()
    assert (found["breach"], found["alert"], found["retrain"]["train"]) == (False, None, False)
    assert found["retrain"]["reason"] == "no shift was found"
    assert monitored.alerts() == []


def test_one_alert_at_each_end(monitored: Monitored) -> None:
    """A breach of three days, with one calm day inside it."""
    for number in (0, 1, 2, 3, 6, 7):  # none of a weekend
        monitored.day(number, zone_remap if number in (0, 2) else lambda rides: rides)
    rows = monitored.history().rows
    assert [row.breach for row in rows] == [True, True, True, True, False, False]
    assert {row.breach_since for row in rows if row.breach} == {"2023-03-07"}
    assert monitored.alerts() == [
        "Taxi model 3: shift since 2023-03-07",
        "Taxi model 3: no shift any more",
    ]


def test_again_changes_nothing(monitored: Monitored) -> None:
    first = monitored.day(0, zone_remap).document()
    before = {key: monitored.reports.get(key) for key in monitored.reports.keys("")}
    assert {**monitored.report(0).document(), "alert": "begin"} == first
    assert {key: monitored.reports.get(key) for key in monitored.reports.keys("")} == before
    assert len(monitored.alerts()) == 1


@pytest.mark.parametrize("call", range(1, 6))
def test_cut_off_anywhere(monitored: Monitored, monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """After each write; the next run leaves what one run would have, and nobody is told twice."""
    monitored.join(0, zone_remap)
    made = 0

    def counted(name: str, owner: Any) -> None:
        method = getattr(owner, name)

        def cut(*arguments: Any) -> Any:
            nonlocal made
            made += 1
            result = None if made == call and name == "alert" else method(*arguments)
            if made == call:
                raise KeyboardInterrupt
            return result

        monkeypatch.setattr(owner, name, cut)

    with monkeypatch.context():
        counted("put", Bucket)
        counted("update", Bucket)
        counted("alert", notices)
        with pytest.raises(KeyboardInterrupt):
            monitored.report(0)
        made = 100
        again = monitored.report(0)
    assert (again.row.breach, again.row.train) == (True, True)
    assert [row.sent for row in monitored.history().rows] == ["begin"]
    assert monitored.alerts() == ["Taxi model 3: shift since 2023-03-07"]


def test_asks_for_one_training_a_cooldown(monitored: Monitored) -> None:
    trained = {number: monitored.day(number, slow_traffic).retraining for number in (0, 1, 6, 7)}
    assert {number: each.train for number, each in trained.items()} == {0: True, 1: False, 6: False, 7: True}
    assert (trained[0].month, trained[0].validate) == ("2023-02", "2023-03")
    assert trained[1].reason == "a training was asked for on 2023-03-07, the next may be from 2023-03-14 on"


@pytest.mark.parametrize(
    ("retrain_on", "train"), [("drift", False), ("performance", True), ("any", True), ("nothing", False)]
)
def test_what_begins_a_training(monitored: Monitored, retrain_on: Any, train: bool) -> None:
    monitored.join(0, slow_traffic)
    assert monitored.report(0, retrain_on=retrain_on).retraining.train is train


def test_nothing_new_to_learn(monitored: Monitored) -> None:
    monitored.s3.delete_object(Bucket="data", Key="raw/green/2023-03.parquet")
    found = monitored.day(0, slow_traffic).retraining
    assert (found.train, found.reason) == (
        False,
        "raw/ holds no month after 2023-02, which the current model was measured on",
    )


def test_day_without_rides(monitored: Monitored) -> None:
    """It stands in the history, and a breach goes on."""
    monitored.day(0, zone_remap)
    found = monitored.day(1, lambda rides: rides.head(0))
    assert (found.row.rides, found.row.judged, found.row.breach) == (0, False, True)
    assert monitored.reports.get("drift/2023-03-08/report.html") is None


def test_meters_that_were_left_on(monitored: Monitored) -> None:
    """Some rides a day are none, as in the months; a clock that is wrong in all of them is a shift."""

    def left_on(share: float) -> Change:
        return lambda rides: rides.assign(
            minutes=rides["minutes"].where(rides.index >= share * len(rides), 1430.0)
        )

    usual = monitored.day(0).row
    found = monitored.day(1, left_on(0.02)).row
    assert found.performance == []
    assert found.rmse is not None
    assert usual.rmse is not None
    assert found.rmse < 1.5 * usual.rmse
    assert "RMSE" in monitored.day(2, left_on(1)).row.performance


def test_rides_that_never_end(monitored: Monitored) -> None:
    found = monitored.day(0, lambda rides: rides.assign(minutes=float("nan")))
    assert (found.row.completed, found.row.rmse, found.row.judged) == (0, None, True)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            lambda each: each.s3.delete_object(Bucket="data", Key=f"{FOLDER}/reference.json"),
            "has no reference",
        ),
        (lambda each: each.data.put(f"{FOLDER}/reference.json", b"{}"), "the reference is damaged"),
        (lambda each: each.data.put("processed/joined/dt=2023-03-07/rides.parquet", b"PAR1"), "is damaged"),
        (
            lambda each: each.join(0, lambda rides: rides.rename(columns={"minutes": "m"})),
            "has no column minutes",
        ),
        (lambda each: each.s3.delete_bucket(Bucket="reports"), "REPORTS_BUCKET: s3://reports/drift"),
        (
            lambda each: each.s3.delete_object(
                Bucket="data", Key="processed/joined/dt=2023-03-07/rides.parquet"
            ),
            "join the day first",
        ),
    ],
    ids=["no reference", "damaged reference", "damaged rides", "renamed column", "no bucket", "not joined"],
)
def test_one_clear_message(monitored: Monitored, break_it: Callable[[Monitored], Any], message: str) -> None:
    monitored.join(0)
    break_it(monitored)
    with pytest.raises(DataError, match=message):
        monitored.report(0)


def test_reports_bucket_that_denies(monitored: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a role that may only read there. Nothing is lost: once it may write, the day is told."""
    monitored.join(0, zone_remap)
    iam, user = boto3.client("iam", region_name="us-east-1"), {"UserName": "monitoring"}
    iam.create_user(**user)
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    iam.put_user_policy(**user, PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(**user)["AccessKey"]

    @set_initial_no_auth_action_count(0)
    def denied() -> None:
        with monkeypatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
            patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
            boto3.setup_default_session()  # the one before keeps its credentials
            data, reports = Bucket("data"), Bucket("reports", "REPORTS_BUCKET")
            with pytest.raises(DataError, match=r"REPORTS_BUCKET: .*AccessDenied.* allow s3:PutObject"):
                report_module.report_day(data, reports, FIRST, "rides", monitored.settings)

    try:
        denied()
    finally:
        boto3.setup_default_session()
    assert list(monitored.reports.keys("")) == []
    assert monitored.alerts() == []
    assert monitored.report(0).alert == "begin"


def test_topic_that_refuses(monitored: Monitored) -> None:
    """Nothing is lost: the row is there, and the alert goes out with the next run."""
    monitored.join(0, zone_remap)
    with pytest.raises(DataError, match=r"ALERT_TOPIC_ARN: .*allow sns:Publish"):
        monitored.report(0, alert_topic_arn="arn:aws:sns:us-east-1:123456789012:gone")
    assert [(row.breach, row.sent) for row in monitored.history().rows] == [(True, "")]
    assert monitored.report(0).alert == "begin"


def test_metrics(monitored: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the day's own time, where CloudWatch still takes it."""
    monkeypatch.setattr(notices, "OLDEST_METRIC", timedelta(days=40_000))
    monitored.day(0, slow_traffic)
    cloudwatch = boto3.client("cloudwatch", region_name="us-east-1")
    found = cloudwatch.get_metric_data(
        StartTime=FIRST.isoformat(),
        EndTime=(FIRST + timedelta(days=1)).isoformat(),
        MetricDataQueries=[
            {
                "Id": "breach",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "platform",
                        "MetricName": "Breach",
                        "Dimensions": [{"Name": "Model", "Value": "rides"}],
                    },
                    "Period": 3600,
                    "Stat": "Maximum",
                },
            }
        ],
    )
    assert found["MetricDataResults"][0]["Values"] == [1.0]


def test_report_of_evidently(monitored: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidently computes the very distances that the alarm rests on."""
    monkeypatch.setattr(report_module, "render", evidently_report.render)
    found = monitored.day(0, zone_remap)
    assert found.judgement
    page = monitored.reports.get("drift/2023-03-07/report.html") or b""
    assert b"pickup_hour (in bins)" in page
    document = json.loads(monitored.reports.get("drift/2023-03-07/report.json") or b"")
    drift = {
        each["config"]["column"]: (each["value"], each["config"]["threshold"])
        for each in document["evidently"]["metrics"]
        if each["metric_name"].startswith("ValueDrift")
    }
    zones = next(each for each in found.judgement.findings if each.check == "PULocationID")
    value, threshold = drift["PULocationID (in bins)"]
    assert threshold == pytest.approx(zones.threshold)
    assert value == pytest.approx(zones.value, rel=0.05)  # the test's reference has a part of its rides
    assert {each["group"] for each in document["errors"]["borough"]} >= {"Manhattan", "Brooklyn"}
    assert len(document["errors"]["hour"]) == 24
