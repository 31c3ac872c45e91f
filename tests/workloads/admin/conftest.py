"""The application as Flask's test client sees it: with nothing behind it, or with AWS in memory."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from flask import Flask

from tests.workloads.admin.pages import ENVIRONMENT, Person
from workloads.admin.app import create_app
from workloads.admin.settings import Settings


def started(**changes: str) -> Iterator[Flask]:
    app = create_app(Settings.of({**ENVIRONMENT, **changes}))
    app.testing = False  # errors become pages, as they do in front of people
    yield app
    app.extensions["platform"].stop()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Nobody listens where AWS, MLflow and Airflow should be."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    yield from started(AIRFLOW_URL="http://127.0.0.1:9")


@pytest.fixture
def nobody(app: Flask) -> Person:
    return Person(app.test_client())


@pytest.fixture
def admin(app: Flask) -> Person:
    return Person(app.test_client()).signed_in("admin")


@pytest.fixture
def viewer(app: Flask) -> Person:
    return Person(app.test_client()).signed_in("viewer")


class Stack:
    """Two buckets, a stream of one shard and a queue, and admin in front of the pages."""

    def __init__(self) -> None:
        self.s3, self.kinesis = boto3.client("s3"), boto3.client("kinesis")
        for name in ("data", "reports"):
            self.s3.create_bucket(Bucket=name)
        self.kinesis.create_stream(StreamName="rides", ShardCount=1)
        self.sqs = boto3.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        self.admin: Person

    def put(self, key: str, body: bytes, bucket: str = "data") -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def events(self) -> list[bytes]:
        where: dict[str, Any] = {"StreamName": "rides", "ShardIteratorType": "TRIM_HORIZON"}
        iterator = self.kinesis.get_shard_iterator(ShardId="shardId-000000000000", **where)["ShardIterator"]
        return [each["Data"] for each in self.kinesis.get_records(ShardIterator=iterator)["Records"]]


@pytest.fixture
def stack(aws_account: None) -> Iterator[Stack]:
    stack = Stack()
    for app in started(DEAD_LETTER_QUEUE_URL=stack.queue):
        stack.admin = Person(app.test_client()).signed_in("admin")
        yield stack
