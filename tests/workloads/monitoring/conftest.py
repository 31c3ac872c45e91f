"""A data bucket in memory, and the predictor's objects in it."""

import gzip
import json
from datetime import date
from typing import Any

import boto3
import pandas as pd
import pytest

from tests.workloads.monitoring.monitored import Monitored
from workloads.data.s3 import Bucket
from workloads.drift.profile import Profile
from workloads.monitoring import report as report_module


class Objects:
    """Writes objects as the predictor does: gzipped JSON lines, in the partition of their arrival."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3", region_name="us-east-1")
        self.s3.create_bucket(Bucket="data")
        self.bucket = Bucket("data")
        self._made = 0

    def predict(self, ride_id: str | int, **changes: Any) -> None:
        """A prediction, by default of a ride that began at eight in the morning of March 1st."""
        self._made += 1
        pickup = changes.pop("pickup", "2023-03-01T08:00:00")
        at, kind = changes.pop("at", "2023-03-01T13:00:01.000+00:00"), changes.pop("kind", "predictions")
        ride = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.5, "lpep_pickup_datetime": pickup}
        line = {
            "model": "rides",
            "version": changes.pop("version", "3"),
            "prediction": {"ride_duration": changes.pop("minutes", 9.5), "ride_id": ride_id},
            "ride": {key: value for key, value in {**ride, **changes}.items() if value is not None},
            "sequence_number": f"{self._made:056d}",
            "predicted_at": at,
        }
        self.put(kind, at, [line])

    def complete(
        self,
        ride_id: str | int,
        *,
        dropoff: str = "2023-03-01T08:10:00",
        at: str = "2023-03-01T13:10:01+00:00",
    ) -> None:
        """A completion, by default ten minutes after the pickup."""
        self._made += 1
        line = {"ride_id": ride_id, "lpep_dropoff_datetime": dropoff, "received_at": at}
        self.put("actuals", at, [{**line, "sequence_number": f"{self._made:056d}"}])

    def put(self, kind: str, at: str, lines: list[dict[str, Any]]) -> str:
        """An object of lines that arrived at a time; gives its key."""
        self._made += 1
        key = f"{kind}/dt={at[:10]}/hour={at[11:13]}/shardId-000000000000-{self._made:056d}.jsonl.gz"
        body = b"\n".join(json.dumps(line).encode() for line in lines)
        self.s3.put_object(Bucket="data", Key=key, Body=gzip.compress(body))
        return key


@pytest.fixture
def objects(aws_account: None) -> Objects:
    """The empty bucket `data`."""
    return Objects()


@pytest.fixture
def monitored(
    objects: Objects,
    reference: Profile,
    reference_rides: pd.DataFrame,
    usual_day: tuple[date, pd.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> Monitored:
    """Without Evidently's pages, which take a second each."""
    monkeypatch.setattr(report_module, "render", lambda *_: (b"<html>", {}))
    return Monitored(objects.bucket, objects.s3, reference, reference_rides, usual_day[1])
