"""Where each record that was sent is, in memory that does not grow with their number."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from ops.sandbox.account import Ledger, Sent
from ops.sandbox.ranges import Ranges
from ops.sandbox.results import KEPT_OBJECTS, Results

SHARD = "shardId-000000000000"


def ranges_of(numbers: list[int]) -> Ranges:
    ranges = Ranges()
    for number in numbers:
        ranges.add(number)
    return ranges


@given(st.lists(st.integers(0, 60)), st.lists(st.integers(0, 60)), st.integers(0, 60), st.integers(0, 60))
def test_ranges_are_a_set(numbers: list[int], others: list[int], first: int, last: int) -> None:
    ranges = Ranges()
    for index, number in enumerate(numbers):
        assert ranges.add(number) == (number not in numbers[:index])
    assert len(ranges) == len(set(numbers))
    assert [number for number in range(62) if number in ranges] == sorted(set(numbers))
    assert ranges.missing_from(ranges_of(others)) == len(set(numbers) - set(others))
    assert list(ranges.within(first, last)) == sorted(n for n in set(numbers) if first <= n <= last)


def test_ledger() -> None:
    ledger = Ledger()
    ledger.send(Sent(shard_id=SHARD, sequence_number=number) for number in range(1, 11))
    ledger.find("predicted", SHARD, [1, 2, 3])
    ledger.find("rejected", SHARD, [3, 4])
    batch = {"shardId": SHARD, "startSequenceNumber": "5", "endSequenceNumber": "6"}
    ledger.find_dead_letter({"KinesisBatchInfo": batch})
    account = ledger.account()
    assert (account.sent, account.predicted, account.rejected, account.dead_lettered) == (10, 3, 1, 2)
    assert (account.lost, account.duplicated) == (4, 1)


def test_same_number_in_two_shards() -> None:
    ledger = Ledger()
    ledger.send([Sent(shard_id=shard, sequence_number=1) for shard in ("a", "b")])
    ledger.find("predicted", "a", [1])
    ledger.find("predicted", "b", [1])
    assert (ledger.account().lost, ledger.account().duplicated) == (0, 0)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="data")
        client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        yield client


def write(s3: Any, first: int, *numbers: int) -> None:
    """A prediction of each number in the object that begins with `first`."""
    body = gzip.compress("".join(json.dumps({"sequence_number": str(n)}) + "\n" for n in numbers).encode())
    s3.put_object(Bucket="data", Key=f"predictions/dt=2023-03-01/hour=08/{SHARD}-{first}.jsonl.gz", Body=body)


def test_objects_count_once_they_are_final(s3: Any) -> None:
    """The batch 1 to 4 failed after its object was written, was halved, and each half came again."""
    ledger, lines = Ledger(), list[Any]()
    ledger.send(Sent(shard_id=SHARD, sequence_number=number) for number in range(1, 5))
    results = Results(s3, "data", ledger, lines.append)
    write(s3, 1, 1, 2, 3, 4)
    results.read({SHARD: 1})
    assert ledger.account().predicted == 0
    write(s3, 1, 1, 2)
    write(s3, 3, 3, 4)
    results.read({SHARD: 3})
    assert ledger.account().predicted == 2
    results.read()
    results.read()
    assert (ledger.account().predicted, ledger.account().lost, ledger.account().duplicated) == (4, 0, 0)
    assert len(lines) == 4


def test_most_objects_are_deleted_once_counted(s3: Any) -> None:
    """With every version, or the one before would be found as if it were new."""
    count = KEPT_OBJECTS + 50
    ledger = Ledger()
    ledger.send(Sent(shard_id=SHARD, sequence_number=number) for number in range(count))
    results = Results(s3, "data", ledger, lambda _: None)
    for number in range(count):
        write(s3, number, number)
        write(s3, number, number)
    results.read({SHARD: 10})
    results.read()
    results.read()
    account = ledger.account()
    assert (account.predicted, account.lost, account.duplicated) == (count, 0, 0)
    assert results.deleted == 50
    assert s3.list_objects_v2(Bucket="data")["KeyCount"] == KEPT_OBJECTS
