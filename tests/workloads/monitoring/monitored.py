"""A monitored version: its reference, joined days, and a queue that gets the alerts."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import boto3
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.s3 import Bucket
from workloads.drift.profile import Profile
from workloads.monitoring.history import KEY, History
from workloads.monitoring.report import Report, report_day
from workloads.monitoring.settings import MonitoringSettings

FIRST = date(2023, 3, 7)  # a Tuesday
FOLDER = "models/rides/versions/3"
Change = Callable[[pd.DataFrame], pd.DataFrame]


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file)
    return file.getvalue()


class Monitored:
    """A data bucket with a version, its reference and joined days; a topic, and a queue of its alerts."""

    def __init__(
        self, bucket: Bucket, s3: Any, profile: Profile, rides: pd.DataFrame, usual: pd.DataFrame
    ) -> None:
        self.data = bucket
        self.usual = usual.assign(
            version="3", model="rides", ride_id=[str(each) for each in range(len(usual))]
        )
        s3.create_bucket(Bucket="reports")
        self.s3, self.reports = s3, Bucket("reports", "REPORTS_BUCKET")
        self.data.put(f"{FOLDER}/reference.json", profile.to_json())
        self.data.put(f"{FOLDER}/reference.parquet", parquet(rides.sample(4000, random_state=1)))
        self.data.put(f"{FOLDER}/manifest.json", json.dumps({"metrics": {"valid_month": "2023-02"}}).encode())
        for month in ("2023-01", "2023-02", "2023-03"):
            self.data.put(f"raw/green/{month}.parquet", b"")
        self._sqs = boto3.client("sqs", region_name="us-east-1")
        self._queue = self._sqs.create_queue(QueueName="alerts")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        sns = boto3.client("sns", region_name="us-east-1")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.settings = MonitoringSettings(alert_topic_arn=topic, metrics_namespace="platform")

    def day(self, number: int, change: Change = lambda rides: rides) -> Report:
        """Joins the day `number` days after the first one, and reports it."""
        self.join(number, change)
        return self.report(number)

    def join(self, number: int, change: Change = lambda rides: rides) -> None:
        rides = change(self.usual)
        later = rides.assign(lpep_pickup_datetime=rides["lpep_pickup_datetime"] + timedelta(days=number))
        self.data.put(f"processed/joined/dt={FIRST + timedelta(days=number)}/rides.parquet", parquet(later))

    def report(self, number: int, **changes: Any) -> Report:
        settings = replace(self.settings, **changes)
        return report_day(self.data, self.reports, FIRST + timedelta(days=number), "rides", settings)

    def alerts(self) -> list[str]:
        """The subjects of the alerts since the last call, in the order of their arrival."""
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"])["Subject"] for each in found]

    def history(self) -> History:
        return History.read(self.reports.get(KEY))
