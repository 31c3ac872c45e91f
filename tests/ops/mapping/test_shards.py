"""Starting positions, and order across splits and merges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.mapping.bench import Bench, fail, succeed


def test_trim_horizon_reads_what_was_there_before() -> None:
    bench = Bench()
    bench.put("before")
    bench.run(starting_position="TRIM_HORIZON")
    assert bench.delivered() == ["before"]


def test_latest_reads_only_what_comes_after_the_mapping_was_made() -> None:
    bench = Bench()
    bench.put("before")
    mapping = bench.mapping(starting_position="LATEST")
    bench.put("after")
    mapping.run()
    assert bench.delivered() == ["after"]


def test_latest_reads_the_children_of_a_later_split_from_their_beginning() -> None:
    bench = Bench()
    bench.put("before")
    mapping = bench.mapping(starting_position="LATEST")
    bench.stream.split(bench.stream.open_shards()[0])
    bench.put("after")
    mapping.run()
    assert bench.delivered() == ["after"]


def test_at_timestamp_reads_from_that_time_on() -> None:
    bench = Bench()
    bench.put("early")
    bench.clock.sleep(10)
    bench.put("late")
    bench.run(starting_position="AT_TIMESTAMP", starting_position_timestamp=bench.clock.now() - 5)
    assert bench.delivered() == ["late"]


def test_a_batch_holds_records_of_one_shard() -> None:
    bench = Bench(shards=4)
    for key in range(100):
        bench.put(str(key), key=str(key))
    bench.run(batch_size=100)
    shards = [{r["eventID"].split(":")[0] for r in event["Records"]} for event in bench.events]
    assert len(shards) == 4
    assert all(len(ids) == 1 for ids in shards)


def test_a_shard_that_fails_does_not_hold_up_another_shard() -> None:
    bench = Bench(lambda batch: fail(batch) if "bad" in batch else succeed(batch), shards=2)
    bench.put("bad", key="1")
    bench.put("good", key="6")  # of the other half of the hash keys
    bench.run(maximum_retry_attempts=3)
    assert bench.batches.index(["good"]) <= 1


def test_children_wait_until_their_parent_is_drained_retries_included() -> None:
    bench = Bench(lambda batch: fail(batch) if len(bench.batches) < 5 else succeed(batch))
    bench.put("parent")
    bench.stream.split(bench.stream.open_shards()[0])
    bench.put("child")
    bench.run()
    assert bench.batches == [["parent"]] * 5 + [["child"]]


def test_a_merged_shard_waits_for_both_parents() -> None:
    bench = Bench(lambda batch: fail(batch) if "p" in batch and len(bench.batches) < 6 else succeed(batch))
    first, second = bench.stream.split(bench.stream.open_shards()[0])
    bench.put("p", key="1")
    bench.put("q", key="6")
    bench.stream.merge(first, second)
    bench.put("child")
    bench.run()
    assert bench.batches[-1] == ["child"]


def test_only_neighbours_can_be_merged() -> None:
    bench = Bench(shards=3)
    first, _, third = bench.stream.open_shards()
    with pytest.raises(ValueError, match="not adjacent"):
        bench.stream.merge(first, third)


@settings(deadline=None)  # two busy cores make any example slow
@given(st.lists(st.one_of(st.integers(0, 20), st.sampled_from(["split", "merge"])), max_size=60))
def test_records_of_one_key_arrive_in_order_across_any_resharding(operations: list[int | str]) -> None:
    bench = Bench()
    for number, operation in enumerate(operations):
        shards = bench.stream.open_shards()
        if operation == "split":
            bench.stream.split(shards[number % len(shards)])
        elif operation == "merge":
            if len(shards) > 1:
                bench.stream.merge(shards[0], shards[1])
        else:
            bench.put(f"{operation}:{number}", key=str(operation))
    bench.run(batch_size=3)
    delivered = bench.delivered()
    assert sorted(delivered) == sorted(bench.sequence)
    for key in {data.split(":")[0] for data in delivered}:
        numbers = [int(data.split(":")[1]) for data in delivered if data.split(":")[0] == key]
        assert numbers == sorted(numbers)


def test_run_goes_on_until_the_producer_is_done() -> None:
    bench = Bench()
    left = [3]

    def producing() -> bool:
        if left[0]:
            left[0] -= 1
            bench.put(f"late-{left[0]}")
        return left[0] == 0

    bench.mapping().run(until=producing)
    assert bench.delivered() == ["late-2", "late-1", "late-0"]
