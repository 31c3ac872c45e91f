"""Predictions joined with completions that are late, duplicate, missing, out of order or astray."""

import io
import json
from datetime import date
from math import nan
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from tests.workloads.monitoring.conftest import Objects
from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.monitoring.__main__ import app
from workloads.monitoring.days import Arrivals
from workloads.monitoring.ground_truth import JOINED
from workloads.monitoring.ground_truth_files import join_day

DAY = date(2023, 3, 1)


def joined(objects: Objects, **options: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
    """What the join of March 1st writes: the rides by their id, and the account."""
    join_day(objects.bucket, DAY, Arrivals.of(DAY, arrived="", late_days=1, **options))
    return written(objects)


def written(objects: Objects, day: str = "2023-03-01") -> tuple[pd.DataFrame, dict[str, Any]]:
    folder = f"processed/joined/dt={day}"
    rides = pd.read_parquet(io.BytesIO(objects.bucket.get(f"{folder}/rides.parquet") or b""))
    assert list(rides.columns) == JOINED.names
    account = json.loads(objects.bucket.get(f"{folder}/completeness.json") or b"")
    return rides.set_index("ride_id"), account


def command(*words: str) -> Result:
    return CliRunner().invoke(app, ["join", *words, "--data-bucket", "data"])


def test_completed_and_missing(objects: Objects) -> None:
    objects.predict("a")
    objects.predict(7, passenger_count=2)
    objects.predict("c")
    objects.complete("a")
    objects.complete(7, dropoff="2023-03-01T08:07:30")
    rides, account = joined(objects)
    assert rides["minutes"].to_dict() == pytest.approx({"7": 7.5, "a": 10.0, "c": nan}, nan_ok=True)
    assert rides.predicted_minutes.tolist() == [9.5] * 3
    assert rides.passenger_count.fillna(0).tolist() == [2, 0, 0]
    assert (account["predictions"], account["completed"]) == (3, 2)
    assert account["missing"] == 1
    assert account["completeness"] == pytest.approx(2 / 3)


def test_one_row_a_ride(objects: Objects) -> None:
    """The first prediction counts, and the last completion, which may correct the one before."""
    objects.predict("a", minutes=5.0)
    objects.predict("a", minutes=6.0, at="2023-03-01T13:02:00+00:00")
    objects.complete("a", dropoff="2023-03-01T08:12:00", at="2023-03-01T13:13:00+00:00")
    objects.complete("a")
    rides, account = joined(objects)
    assert rides[["predicted_minutes", "minutes"]].values.tolist() == [[5.0, 12.0]]
    assert account["duplicates"] == 2


def test_late_and_out_of_order(objects: Objects) -> None:
    for ride in ("late", "early", "on time"):
        objects.predict(ride)
    objects.complete("late", at="2023-03-02T23:00:00+00:00")
    objects.complete("early", at="2023-03-01T12:59:00+00:00")
    objects.complete("on time")
    rides, account = joined(objects)
    assert rides["minutes"].tolist() == [10.0] * 3
    assert (account["late"], account["out_of_order"]) == (1, 1)


def test_completion_after_the_days_that_are_read(objects: Objects) -> None:
    """It is missing until the day is joined again with more patience."""
    objects.predict("a")
    objects.complete("a", at="2023-03-05T08:00:00+00:00")
    assert joined(objects)[1]["missing"] == 1
    assert command("2023-03-01", "--late-days", "5").exit_code == 0
    assert written(objects)[1]["completed"] == 1


def test_completion_without_prediction(objects: Objects) -> None:
    """A ride of the day before, still on its way at midnight, is none."""
    objects.predict("a")
    objects.predict("before", pickup="2023-02-28T20:00:00", at="2023-03-01T01:00:00+00:00")
    objects.predict("long", pickup="2023-02-28T13:00:00", at="2023-02-28T18:00:00+00:00")
    for ride in ("a", "before", "long", "nobody's"):
        objects.complete(ride)
    rides, account = joined(objects)
    assert list(rides.index) == ["a"]
    assert account["completions_without_prediction"] == 1


def test_day_is_new_yorks(objects: Objects) -> None:
    """Without a pickup the prediction's own time decides; the ride's duration stays unknown."""
    objects.predict("night", pickup="2023-03-01T23:30:00", at="2023-03-02T04:30:00+00:00")
    objects.predict("no pickup", pickup=None, at="2023-03-02T04:59:00+00:00")
    objects.predict("tomorrow", pickup=None, at="2023-03-02T05:00:00+00:00")
    objects.complete("no pickup")
    rides, account = joined(objects)
    assert list(rides.index) == ["night", "no pickup"]
    assert (account["missing"], account["completions_without_prediction"]) == (2, 0)


def test_challenger(objects: Objects) -> None:
    objects.predict("a")
    objects.predict("b")
    objects.predict("b", kind="challenger", version="4", minutes=8.0)
    rides, _ = joined(objects)
    challenger = rides[["challenger_version", "challenger_minutes"]]
    assert challenger.loc[["b"]].to_numpy().tolist() == [["4", 8.0]]
    assert challenger.loc[["a"]].isna().to_numpy().all()


def test_order_and_repetition_change_nothing(objects: Objects) -> None:
    for ride in ("b", "a", "c"):
        objects.predict(ride)
        objects.complete(ride)
    first = [
        objects.bucket.get(f"processed/joined/dt=2023-03-01/{name}") for name in NAMES if joined(objects)
    ]
    again = [
        objects.bucket.get(f"processed/joined/dt=2023-03-01/{name}") for name in NAMES if joined(objects)
    ]
    assert first == again
    assert list(joined(objects)[0].index) == ["a", "b", "c"]


NAMES = ("rides.parquet", "completeness.json")


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.mark.parametrize("writes", range(2))
def test_killed_and_done_again(objects: Objects, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """After any number of writes; a day without its account is not complete."""
    objects.predict("a")
    objects.complete("a")
    left, put = [None] * writes, Bucket.put

    def killed(bucket: Bucket, key: str, body: bytes) -> None:
        if not left:
            raise Killed
        left.pop()
        put(bucket, key, body)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", killed)
        with pytest.raises(Killed):
            joined(objects)
    assert objects.bucket.get("processed/joined/dt=2023-03-01/completeness.json") is None
    assert joined(objects)[1]["completed"] == 1


def test_damaged_objects(objects: Objects) -> None:
    """What can be read of them counts, and the account names them."""
    objects.predict("a")
    objects.complete("a")
    good = {"ride_id": "b", "lpep_dropoff_datetime": "20230301T0810", "received_at": "2023-03-01T13:10:00Z"}
    key = objects.put(
        "actuals", "2023-03-01T13:10:00+00:00", [{"ride_id": 1}, {**good, "sequence_number": "1"}]
    )
    broken = "predictions/dt=2023-03-01/hour=13/broken.jsonl.gz"
    objects.s3.put_object(Bucket="data", Key=broken, Body=b"not gzip")
    objects.predict("b")
    result = command("2023-03-01", "--json")
    assert json.loads(result.stdout)["damaged"] == [broken, key]
    assert json.loads(result.stdout)["completed"] == 2
    assert "2 objects hold lines that cannot be read" in result.stderr


def test_empty_day(objects: Objects) -> None:
    result = command("2023-03-01")
    assert (result.exit_code, written(objects)[1]["completeness"]) == (0, None)
    assert "2023-03-01: no predictions" in result.stderr


def test_replayed_rides(objects: Objects) -> None:
    """They are of a day long ago, and arrive today."""
    objects.predict("a", at="2026-11-21T10:00:00+00:00")
    objects.complete("a", at="2026-11-21T10:00:01+00:00")
    assert command("2023-03-01", "--arrived", "2026-11-21").exit_code == 0
    assert written(objects)[1]["completed"] == 1


def test_days_before_again(objects: Objects) -> None:
    objects.predict("a")
    result = command("2023-03-02", "--again", "1", "--json")
    assert [json.loads(line)["predictions"] for line in result.stdout.splitlines()] == [1, 0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["2023-02-30"], "DAY: got '2023-02-30', allowed: a day as YYYY-MM-DD"),
        (["2023-03-01", "--arrived", "2023-03-02..2023-03-01"], "allowed: FIRST..LAST"),
    ],
)
def test_wrong_options(objects: Objects, words: list[str], message: str) -> None:
    result = command(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_bucket_that_does_not_exist(objects: Objects) -> None:
    objects.s3.delete_bucket(Bucket="data")
    with pytest.raises(DataError, match=r"DATA_BUCKET: s3://data/predictions/.* is refused .*NoSuchBucket"):
        joined(objects)
