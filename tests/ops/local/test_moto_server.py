"""The stand-in for AWS: what Kinesis must hold while it is filled and read at the same time."""

import json
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ops.local.services import Children, Service

RECORDS = 60_000


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("moto")
    with Children(folder) as children:
        moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
        children.wait(moto)
        yield moto


@pytest.fixture(scope="module")
def kinesis(moto: Service) -> Any:
    return client("kinesis", moto)


def client(service: str, moto: Service) -> Any:
    config = Config(retries={"total_max_attempts": 1})  # an error must not hide behind a retry
    session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    return session.client(service, endpoint_url=moto.url, config=config)


def resident_bytes(pid: int) -> int:
    """The physical memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def put(kinesis: Any, stream: str, first: int, count: int) -> list[str]:
    """Puts records `first`, `first` + 1, ... and gives their sequence numbers."""
    records = [{"Data": str(first + index).encode(), "PartitionKey": "k"} for index in range(count)]
    answer = kinesis.put_records(StreamName=stream, Records=records)
    return [record["SequenceNumber"] for record in answer["Records"]]


def iterator(kinesis: Any, stream: str, **where: Any) -> str:
    answer = kinesis.get_shard_iterator(StreamName=stream, ShardId="shardId-000000000000", **where)
    return str(answer["ShardIterator"])


def test_reads_while_it_is_written(kinesis: Any) -> None:
    """Every record once and in order, whatever else happens in the shard; old records that were read go."""
    kinesis.create_stream(StreamName="busy", ShardCount=1)

    def produce() -> list[str]:
        return [number for first in range(0, RECORDS, 500) for number in put(kinesis, "busy", first, 500)]

    with ThreadPoolExecutor(1) as pool:
        producer = pool.submit(produce)
        position: str = iterator(kinesis, "busy", ShardIteratorType="TRIM_HORIZON")
        found: list[str] = []
        while len(found) < RECORDS and not (producer.done() and producer.exception()):
            answer = kinesis.get_records(ShardIterator=position, Limit=10_000)
            found += [record["SequenceNumber"] for record in answer["Records"]]
            position = answer["NextShardIterator"]
        assert found == producer.result()
    oldest = iterator(kinesis, "busy", ShardIteratorType="TRIM_HORIZON")
    (record,) = kinesis.get_records(ShardIterator=oldest, Limit=1)["Records"]
    assert 0 < int(record["Data"]) < RECORDS


def test_keeps_what_was_not_read(kinesis: Any) -> None:
    kinesis.create_stream(StreamName="unread", ShardCount=1)
    for first in range(0, 30_000, 500):
        put(kinesis, "unread", first, 500)
    position = iterator(kinesis, "unread", ShardIteratorType="TRIM_HORIZON")
    (record,) = kinesis.get_records(ShardIterator=position, Limit=1)["Records"]
    assert record["Data"] == b"0"


def test_shard_iterators(kinesis: Any) -> None:
    kinesis.create_stream(StreamName="few", ShardCount=1)
    numbers = put(kinesis, "few", 0, 3)
    after = put(kinesis, "few", 3, 1)

    def first(**where: Any) -> list[bytes]:
        answer = kinesis.get_records(ShardIterator=iterator(kinesis, "few", **where), Limit=1)
        return [record["Data"] for record in answer["Records"]]

    assert first(ShardIteratorType="TRIM_HORIZON") == [b"0"]
    assert first(ShardIteratorType="LATEST") == []
    assert first(ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == [b"1"]
    assert first(ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2]) == [b"3"]
    assert first(ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=after[0]) == []


def test_no_access_log_is_delivered(moto: Service) -> None:
    """moto's would be an object for each request, kept in memory."""
    s3 = client("s3", moto)
    for bucket in ("data", "log"):
        s3.create_bucket(Bucket=bucket)
    allow = {
        "Effect": "Allow", "Principal": {"Service": ["logging.s3.amazonaws.com"]},
        "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::log/*",
    }  # fmt: skip
    s3.put_bucket_policy(Bucket="log", Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    target = {"TargetBucket": "log", "TargetPrefix": ""}
    s3.put_bucket_logging(Bucket="data", BucketLoggingStatus={"LoggingEnabled": target})
    s3.put_object(Bucket="data", Key="one", Body=b"1")
    assert s3.list_objects_v2(Bucket="log")["KeyCount"] == 0


def test_memory_does_not_grow_with_the_number_of_records(moto: Service, kinesis: Any) -> None:
    """moto keeps every record and every object that it ever had, if it is left to itself."""
    kinesis.create_stream(StreamName="long", ShardCount=1)
    s3 = client("s3", moto)
    s3.create_bucket(Bucket="long")
    position = iterator(kinesis, "long", ShardIteratorType="TRIM_HORIZON")

    def pass_through(records: int) -> int:
        nonlocal position
        for first in range(0, records, 500):
            put(kinesis, "long", first, 500)
            position = kinesis.get_records(ShardIterator=position, Limit=10_000)["NextShardIterator"]
            s3.put_object(Bucket="long", Key="one", Body=bytes(50_000))
            s3.delete_object(Bucket="long", Key="one")
        return resident_bytes(moto.popen.pid)

    before = pass_through(30_000)
    assert pass_through(60_000) < before + 12_000_000
