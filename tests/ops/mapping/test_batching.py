"""How records become batches: size, window, payload, lanes."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.sandbox.mapping import Record
from ops.sandbox.mapping.event import kinesis_event, payload_bytes
from tests.ops.mapping.bench import Bench, fail, succeed


def test_a_batch_holds_no_more_records_than_the_batch_size() -> None:
    bench = Bench()
    bench.put(*"abcdefg")
    bench.run(batch_size=3)
    assert bench.batches == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_without_a_window_a_single_record_goes_at_once() -> None:
    bench = Bench()
    bench.put("a")
    start = bench.clock.now()
    bench.run(batch_size=100)
    assert bench.times == [start]


def test_a_batch_that_is_not_full_waits_for_the_end_of_the_window() -> None:
    bench = Bench()
    start = bench.clock.now()
    mapping = bench.mapping(batch_size=3, maximum_batching_window_seconds=20)
    bench.put("a", "b")
    mapping.run()
    assert bench.batches == [["a", "b"]]
    assert bench.times == [start + 20]


def test_a_full_batch_does_not_wait_for_the_window() -> None:
    bench = Bench()
    start = bench.clock.now()
    bench.put("a", "b", "c")
    bench.run(batch_size=3, maximum_batching_window_seconds=300)
    assert bench.times == [start]


def test_the_next_window_begins_when_the_previous_invocation_completes() -> None:
    bench = Bench()

    def slow(batch: list[str]) -> object:
        bench.clock.sleep(7)
        return succeed(batch)

    bench.answer = slow  # type: ignore[assignment]
    start = bench.clock.now()
    bench.put("a", "b", "c")
    bench.run(batch_size=2, maximum_batching_window_seconds=10)
    assert bench.batches == [["a", "b"], ["c"]]
    assert bench.times[1] == start + 7 + 10


def test_a_batch_ends_before_the_payload_limit_of_6_mb() -> None:
    bench = Bench()
    megabyte = "x" * 1_000_000  # 1.33 MB as base64
    for _ in range(9):
        bench.put(megabyte)
    bench.run(batch_size=100, maximum_batching_window_seconds=300)
    assert [len(batch) for batch in bench.batches] == [4, 4, 1]


@settings(deadline=None)  # two busy cores make any example slow
@given(st.binary(max_size=2000), st.text(max_size=256), st.floats(0, 4e9))
def test_the_payload_estimate_is_never_below_the_event(data: bytes, key: str, arrival: float) -> None:
    record = Record(partition_key=key, sequence_number="9" * 56, data=data, arrival=arrival)
    arn = "arn:aws:kinesis:ap-southeast-2:123456789012:stream/" + "s" * 128
    assert len(kinesis_event([record], shard_id="shardId-000000000000", stream_arn=arn)) <= payload_bytes(
        record
    )


def test_the_event_is_the_documented_one() -> None:
    bench = Bench()
    bench.put("hello", key="1")
    bench.run()
    (record,) = bench.events[0]["Records"]
    sequence = bench.sequence["hello"]
    assert record["kinesis"] == {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "sequenceNumber": sequence,
        "data": base64.b64encode(b"hello").decode(),
        "approximateArrivalTimestamp": 1_700_000_000.0,
    }
    assert record["eventID"] == f"shardId-000000000000:{sequence}"
    assert record["eventSource"] == "aws:kinesis"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventSourceARN"] == bench.stream.arn


@settings(deadline=None)  # two busy cores make any example slow
@given(st.lists(st.integers(0, 9), max_size=80), st.integers(1, 10), st.integers(1, 7))
def test_records_of_one_partition_key_stay_in_order_at_any_parallelization_factor(
    keys: list[int], factor: int, batch_size: int
) -> None:
    bench = Bench()
    for number, key in enumerate(keys):
        bench.put(f"{key}:{number}", key=str(key))
    bench.run(parallelization_factor=factor, batch_size=batch_size)
    assert sorted(bench.delivered()) == sorted(f"{key}:{number}" for number, key in enumerate(keys))
    for key in set(keys):
        numbers = [int(d.split(":")[1]) for d in bench.delivered() if d.startswith(f"{key}:")]
        assert numbers == sorted(numbers)


def test_a_lane_that_fails_does_not_hold_up_the_other_lanes_of_its_shard() -> None:
    bench = Bench(lambda batch: fail(batch) if "bad" in batch else succeed(batch))
    for key in range(20):
        bench.put(f"k{key}", key=str(key))
    bench.put("bad", key="0")
    counts = bench.run(parallelization_factor=10, batch_size=1, maximum_retry_attempts=5)
    first_retry = [index for index, batch in enumerate(bench.batches) if batch == ["bad"]][1]
    assert {f"k{key}" for key in range(20)} <= {d for batch in bench.batches[:first_retry] for d in batch}
    assert counts.completed == 20
    assert counts.discarded == 1


def test_with_one_lane_a_failing_batch_holds_up_its_shard() -> None:
    bench = Bench(lambda batch: fail(batch) if "bad" in batch else succeed(batch))
    bench.put("bad", "after")
    bench.run(batch_size=1, maximum_retry_attempts=3)
    assert bench.batches == [["bad"]] * 4 + [["after"]]
