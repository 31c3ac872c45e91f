"""How records become batches: size, window, payload, lanes."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.event_source_mapping import Record
from tests.ops.event_source_mapping.simulation import Simulation, fail, succeed
from workloads.delivery.event import kinesis_event, payload_bytes


def test_batch_size() -> None:
    sim = Simulation()
    sim.put(*"abcdefg")
    sim.run(batch_size=3)
    assert sim.batches == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_no_window() -> None:
    sim = Simulation()
    sim.put("a")
    start = sim.clock.now()
    sim.run(batch_size=100)
    assert sim.times == [start]


def test_window() -> None:
    sim = Simulation()
    start = sim.clock.now()
    mapping = sim.mapping(batch_size=3, maximum_batching_window_seconds=20)
    sim.put("a", "b")
    mapping.run()
    assert sim.batches == [["a", "b"]]
    assert sim.times == [start + 20]


def test_full_batch_does_not_wait() -> None:
    sim = Simulation()
    start = sim.clock.now()
    sim.put("a", "b", "c")
    sim.run(batch_size=3, maximum_batching_window_seconds=300)
    assert sim.times == [start]


def test_window_begins_after_invocation() -> None:
    sim = Simulation()

    def slow(batch: list[str]) -> object:
        sim.clock.sleep(7)
        return succeed(batch)

    sim.answer = slow  # type: ignore[assignment]
    start = sim.clock.now()
    sim.put("a", "b", "c")
    sim.run(batch_size=2, maximum_batching_window_seconds=10)
    assert sim.batches == [["a", "b"], ["c"]]
    assert sim.times[1] == start + 7 + 10


def test_payload_limit() -> None:
    sim = Simulation()
    megabyte = "x" * 1_000_000  # 1.33 MB as base64
    for _ in range(9):
        sim.put(megabyte)
    sim.run(batch_size=100, maximum_batching_window_seconds=300)
    assert [len(batch) for batch in sim.batches] == [4, 4, 1]


@pytest.mark.parametrize(("extra", "sizes"), [(0, [2]), (1, [1, 1])])
def test_payload_limit_to_the_byte(extra: int, sizes: list[int]) -> None:
    """6 MB are 6 * 1024 * 1024 bytes; a record of just over 4 MB of data may be at most."""
    sim = Simulation()
    small = payload_bytes(Record(partition_key="k", sequence_number="1", data=b"x" * 3, arrival=0.0))
    envelopes = 2 * (small - 4)
    encoded = 6 * 1024 * 1024 - envelopes
    encoded -= encoded % 4
    # A longer key makes up for what base64, which grows by four bytes, leaves of the limit.
    rest = 6 * 1024 * 1024 - envelopes - encoded + extra
    sim.put("a" * 3)
    sim.put("b" * (encoded // 4 * 3 - 3), key="k" * (1 + rest))
    sim.run(batch_size=100)
    assert [len(batch) for batch in sim.batches] == sizes


def test_record_above_the_payload_limit_comes_alone() -> None:
    sim = Simulation()
    sim.put("x" * 7_000_000, "after")
    sim.run(batch_size=100)
    assert [len(batch) for batch in sim.batches] == [1, 1]


def test_payload_estimate_follows_the_record() -> None:
    """However large data and key are, the estimate is as far from the event as for small ones."""

    def beyond(data: bytes, key: str) -> int:
        record = Record(partition_key=key, sequence_number="1", data=data, arrival=0.0)
        event = kinesis_event([record], shard_id="shardId-000000000000", stream_arn=Simulation().stream.arn)
        return payload_bytes(record) - len(event)

    found = {beyond(b"x" * size, "\u00e9" * size) for size in (0, 1, 2, 3, 1000, 1001, 100_000)}
    assert len(found) == 1


@settings(deadline=None)  # two busy cores make any example slow
@given(st.binary(max_size=2000), st.text(max_size=256), st.floats(0, 4e9))
def test_payload_estimate_is_an_upper_bound(data: bytes, key: str, arrival: float) -> None:
    record = Record(partition_key=key, sequence_number="9" * 56, data=data, arrival=arrival)
    arn = "arn:aws:kinesis:ap-southeast-2:123456789012:stream/" + "s" * 128
    assert len(kinesis_event([record], shard_id="shardId-000000000000", stream_arn=arn)) <= payload_bytes(
        record
    )


def test_event_format() -> None:
    sim = Simulation()
    sim.clock.sleep(0.12345)
    sim.put("hello", key="1")
    sim.run()
    (record,) = sim.events[0]["Records"]
    sequence = sim.sequence["hello"]
    assert record["kinesis"] == {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "sequenceNumber": sequence,
        "data": base64.b64encode(b"hello").decode(),
        "approximateArrivalTimestamp": 1_700_000_000.123,
    }
    assert record["eventID"] == f"shardId-000000000000:{sequence}"
    # https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    assert (record["eventVersion"], record["eventName"]) == ("1.0", "aws:kinesis:record")
    assert record["eventSource"] == "aws:kinesis"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventSourceARN"] == sim.stream.arn
    assert record["invokeIdentityArn"] == "arn:aws:iam::123456789012:role/sandbox"


@settings(deadline=None)  # two busy cores make any example slow
@given(st.lists(st.integers(0, 9), max_size=80), st.integers(1, 10), st.integers(1, 7))
def test_order_within_partition_key(keys: list[int], factor: int, batch_size: int) -> None:
    sim = Simulation()
    for number, key in enumerate(keys):
        sim.put(f"{key}:{number}", key=str(key))
    sim.run(parallelization_factor=factor, batch_size=batch_size)
    assert sorted(sim.delivered()) == sorted(f"{key}:{number}" for number, key in enumerate(keys))
    for key in set(keys):
        numbers = [int(d.split(":")[1]) for d in sim.delivered() if d.startswith(f"{key}:")]
        assert numbers == sorted(numbers)


def test_concurrent_batches_do_not_wait_for_a_failing_one() -> None:
    sim = Simulation(lambda batch: fail(batch) if "bad" in batch else succeed(batch))
    for key in range(20):
        sim.put(f"k{key}", key=str(key))
    sim.put("bad", key="0")
    counts = sim.run(parallelization_factor=10, batch_size=1, maximum_retry_attempts=5)
    first_retry = [index for index, batch in enumerate(sim.batches) if batch == ["bad"]][1]
    assert {f"k{key}" for key in range(20)} <= {d for batch in sim.batches[:first_retry] for d in batch}
    assert counts.completed == 20
    assert counts.discarded == 1


def test_failing_batch_blocks_its_shard() -> None:
    sim = Simulation(lambda batch: fail(batch) if "bad" in batch else succeed(batch))
    sim.put("bad", "after")
    sim.run(batch_size=1, maximum_retry_attempts=3)
    assert sim.batches == [["bad"]] * 4 + [["after"]]
