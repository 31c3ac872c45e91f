"""Rides sent to a stream in memory, scored by the real predictor, and accounted for."""

import base64
import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from models import Alias
from predictor import Predictor
from store import Object
from tests.bundles import MODEL, booster, bundle
from workloads.data import synthetic
from workloads.data.dataset import GREEN
from workloads.drift.shifts import LONG_MILES, SLOWER
from workloads.streaming.__main__ import app
from workloads.streaming.events import events
from workloads.streaming.replay import Pace, month_of_rides, replay
from workloads.streaming.shifts import SHIFTS
from workloads.streaming.stream import Stream

MINUTE = timedelta(minutes=1)
OBJECTS = bundle(booster(2), "1")


class S3Store:
    """The data bucket, as the predictor uses it."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def get(self, key: str, *, etag: str = "") -> Object | None:
        body = self._s3.get_object(Bucket="data", Key=key)["Body"].read()
        return Object(body, str(hash(body)))

    def put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket="data", Key=key, Body=body)


class Account:
    """A stream of two shards, a bucket with a model, and the predictor between them."""

    def __init__(self) -> None:
        self.s3, self.kinesis = boto3.client("s3"), boto3.client("kinesis")
        self.s3.create_bucket(Bucket="data")
        self.kinesis.create_stream(StreamName="rides", ShardCount=2)
        store = S3Store(self.s3)
        for key, body in OBJECTS.items():
            store.put(key, body)
        alias = Alias(store, name=MODEL, alias="champion", check_seconds=60, clock=time.monotonic)
        self._predictor = Predictor(store, champion=alias, challenger=None, share=0, name=MODEL)

    def predict(self, *, leave: int = 0) -> None:
        """Hands all but some of the stream's records to the predictor, shard by shard."""
        records = list(Stream("rides", sleep=lambda _: None).records())
        for shard in {each.shard_id for each in records}:
            batch = [
                {
                    "eventID": f"{shard}:{each.sequence_number}",
                    "kinesis": {
                        "data": base64.b64encode(each.data).decode(),
                        "sequenceNumber": each.sequence_number,
                        "partitionKey": "a",
                        "approximateArrivalTimestamp": time.time(),
                    },
                }
                for each in records[: len(records) - leave]
                if each.shard_id == shard
            ]
            if batch:
                assert self._predictor.handle({"Records": batch}) == {"batchItemFailures": []}


@pytest.fixture
def account(aws_account: None) -> Account:
    """An account of AWS in memory."""
    return Account()


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """March 2023."""
    return synthetic.generate(tmp_path_factory.mktemp("months"), "2023-03").parent


def command(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--stream", "rides"])


def simulate(months: Path, *words: str) -> Result:
    return command("simulate", "--data", str(months), "--allow-synthetic", *words)


def verify(wait: str = "0") -> Result:
    return command("verify", "--data-bucket", "data", "--wait", wait)


def test_everything_is_accounted_for(account: Account, months: Path) -> None:
    """Rides, completions, and what is no ride."""
    assert json.loads(simulate(months, "--max-events", "30").stdout)["sent"] == 60
    Stream("rides").put([{"ride_id": "a", "trip_distance": "far"}])
    account.predict()
    done = verify()
    assert (done.exit_code, done.stderr) == (0, "")
    counts = {"records": 61, "predicted": 30, "rejected": 1, "completed": 30, "missing": 0, "samples": []}
    assert json.loads(done.stdout) == counts


def test_lost_rides_are_missed(account: Account, months: Path) -> None:
    simulate(months, "--max-events", "10", "--no-completions")
    account.predict(leave=3)
    done = verify()
    assert (done.exit_code, json.loads(done.stdout)["missing"]) == (1, 3)
    assert "3 of 10 records are nowhere in s3://data" in done.stderr
    assert len(json.loads(done.stdout)["samples"]) == 3


def test_consume_prints_what_was_sent(account: Account, months: Path) -> None:
    simulate(months, "--max-events", "5", "--no-completions", "--drift", "missing-column")
    found = [json.loads(line) for line in command("consume").stdout.splitlines()]
    assert len({each["ride_id"] for each in found}) == 5
    assert all("passenger_count" not in each["ride"] for each in found)
    assert len(command("consume", "--max-events", "2").stdout.splitlines()) == 2


def sent(account: Account, months: Path, *words: str) -> tuple[list[float], list[float]]:
    """The distances and the minutes of some rides that were sent, in order."""
    account.kinesis.delete_stream(StreamName="rides")
    account.kinesis.create_stream(StreamName="rides", ShardCount=1)
    simulate(months, "--max-events", "60", *words)
    found = [json.loads(line) for line in command("consume").stdout.splitlines()]
    rides = {each["ride_id"]: each["ride"] for each in found if "ride" in each}
    ends = {each["ride_id"]: each["lpep_dropoff_datetime"] for each in found if "event" in each}
    minutes = [
        (datetime.fromisoformat(ends[name]) - datetime.fromisoformat(ride["lpep_pickup_datetime"])) / MINUTE
        for name, ride in rides.items()
    ]
    return [ride["trip_distance"] for ride in rides.values()], minutes


def test_shifts_of_the_month(account: Account, months: Path) -> None:
    """Every ride takes longer; of the long ones some are not taken."""
    miles, minutes = sent(account, months)
    same, longer = sent(account, months, "--drift", "slow-traffic")
    assert same == miles
    assert longer == pytest.approx([each * SLOWER for each in minutes], abs=0.1)
    fewer, _ = sent(account, months, "--drift", "price-era")
    assert sum(each > LONG_MILES for each in fewer) < sum(each > LONG_MILES for each in miles)


@pytest.mark.parametrize("name", SHIFTS)
def test_shifts_leave_a_ride_a_ride(name: str) -> None:
    """And change it."""
    ride = {
        "PULocationID": 265, "DOLocationID": 1, "trip_distance": 2.0,
        "lpep_pickup_datetime": "2023-03-31T22:00:00", "passenger_count": 1,
    }  # fmt: skip
    shifted = SHIFTS[name](dict(ride))
    assert shifted != ride
    assert 1 <= shifted["PULocationID"] <= 265
    assert shifted["lpep_pickup_datetime"].startswith("2023-03-31")


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("pace", [Pace.of(interval=2, speed=0), Pace.of(interval=0, speed=600)])
def test_pace(account: Account, months: Path, pace: Pace) -> None:
    """Ten rides take as long as is asked for, whatever the machine does meanwhile."""
    frame = month_of_rides(
        "2023-03", "2023-03-05", GREEN, data=months, environ={}, bucket="", allow_synthetic=True
    )  # fmt: skip
    clock = Clock()
    options: dict[str, Any] = {"prefix": "a", "change": dict, "completions": False, "limit": 10}
    sent = replay(
        frame, Stream("rides"), **options, pace=pace, sleep=clock.sleep, clock=lambda: clock.now
    )  # fmt: skip
    timed = list(events(frame, **options))
    assert frame["lpep_pickup_datetime"].iloc[0].day == 5
    took = (timed[-1].at - timed[0].at).total_seconds() / 600 if pace.speed else 18
    assert sent == 10
    assert took - 0.5 <= clock.now <= took


def test_events_come_in_order(months: Path) -> None:
    """A ride ends after it began, and everything in the order of its time."""
    frame = month_of_rides(
        "2023-03", "", GREEN, data=months, environ={}, bucket="", allow_synthetic=True
    )  # fmt: skip
    found = list(events(frame, prefix="a", change=dict, completions=True, limit=200))
    assert len(found) == 400
    assert [each.at for each in found] == sorted(each.at for each in found)
    seen: set[str] = set()
    for each in found:
        assert ("ride" in each.event) == (each.event["ride_id"] not in seen)
        seen.add(each.event["ride_id"])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--drift", "snow"], 2, "--drift: got 'snow', allowed: distance-unit"),
        (["--interval", "1", "--speed", "2"], 2, "allowed: one of them"),
        (["--first", "noon"], 2, "--first: got 'noon', allowed: a time of 2023-03"),
        (["--first", "2023-04-01"], 1, "no ride of 2023-03 begins after"),
        (["--stream", "nobodys"], 1, "nobodys refuses"),
    ],
)
def test_wrong_options(account: Account, months: Path, words: list[str], code: int, message: str) -> None:
    command = ["simulate", "--stream", "rides", "--data", str(months), "--allow-synthetic", *words]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert message in done.stderr
