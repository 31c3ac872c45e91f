"""Starting positions, and order across splits and merges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.event_source_mapping.stream import GetRecordsOutput
from tests.ops.event_source_mapping.simulation import Simulation, fail, succeed


class Reads:
    """The limit of each GetRecords call of a simulation's stream."""

    def __init__(self, sim: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
        self.limits: list[int] = []
        get_records = sim.stream.get_records

        def counted(shard_iterator: str, limit: int) -> GetRecordsOutput:
            self.limits.append(limit)
            return get_records(shard_iterator, limit)

        monkeypatch.setattr(sim.stream, "get_records", counted)


@pytest.mark.parametrize(
    ("batch_size", "factor", "limit"), [(7, 3, 21), (5000, 2, 10_000), (10_000, 10, 10_000)]
)
def test_reads_a_batch_for_each_lane(
    monkeypatch: pytest.MonkeyPatch, batch_size: int, factor: int, limit: int
) -> None:
    """GetRecords takes a Limit of up to 10,000: Kinesis API Reference, GetRecords."""
    sim = Simulation()
    reads = Reads(sim, monkeypatch)
    sim.mapping(batch_size=batch_size, parallelization_factor=factor).step()
    assert reads.limits == [limit]


def test_does_not_read_on_with_a_batch_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sim = Simulation(fail)
    reads = Reads(sim, monkeypatch)
    sim.put("under way", "waiting", "in the stream")
    mapping = sim.mapping(batch_size=1)
    for _ in range(5):
        mapping.step()
    assert reads.limits == [1, 1]


def test_waits_with_ten_thousand_records_for_one_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """One partition key's batch fails, so that its lane fills up while the others have nothing to do."""
    sim = Simulation(fail)
    reads = Reads(sim, monkeypatch)
    sim.put(*map(str, range(20_000)))
    mapping = sim.mapping(batch_size=2_000, parallelization_factor=2)
    for _ in range(5):
        mapping.step()
    assert reads.limits == [4_000] * 3  # of which one batch of 2,000 is under way


def test_checkpoint_of_a_shard_without_records() -> None:
    sim = Simulation()
    (shard,) = sim.stream.open_shards()
    assert sim.mapping().checkpoints() == {shard: 0}


def test_trim_horizon() -> None:
    sim = Simulation()
    sim.put("before")
    sim.run(starting_position="TRIM_HORIZON")
    assert sim.delivered() == ["before"]


def test_latest() -> None:
    sim = Simulation()
    sim.put("before")
    mapping = sim.mapping(starting_position="LATEST")
    sim.put("after")
    mapping.run()
    assert sim.delivered() == ["after"]


def test_latest_reads_later_child_shards_from_their_beginning() -> None:
    sim = Simulation()
    sim.put("before")
    mapping = sim.mapping(starting_position="LATEST")
    sim.stream.split(sim.stream.open_shards()[0])
    sim.put("after")
    mapping.run()
    assert sim.delivered() == ["after"]


def test_at_timestamp() -> None:
    sim = Simulation()
    sim.put("early")
    sim.clock.sleep(10)
    sim.put("late")
    sim.run(starting_position="AT_TIMESTAMP", starting_position_timestamp=sim.clock.now() - 5)
    assert sim.delivered() == ["late"]


def test_batch_is_of_one_shard() -> None:
    sim = Simulation(shards=4)
    for key in range(100):
        sim.put(str(key), key=str(key))
    sim.run(batch_size=100)
    shards = [{r["eventID"].split(":")[0] for r in event["Records"]} for event in sim.events]
    assert len(shards) == 4
    assert all(len(ids) == 1 for ids in shards)


def test_failing_shard_does_not_block_others() -> None:
    sim = Simulation(lambda batch: fail(batch) if "bad" in batch else succeed(batch), shards=2)
    sim.put("bad", key="1")
    sim.put("good", key="6")  # of the other half of the hash keys
    sim.run(maximum_retry_attempts=3)
    assert sim.batches.index(["good"]) <= 1


def test_child_shards_wait_for_their_parent() -> None:
    sim = Simulation(lambda batch: fail(batch) if len(sim.batches) < 5 else succeed(batch))
    sim.put("parent")
    sim.stream.split(sim.stream.open_shards()[0])
    sim.put("child")
    sim.run()
    assert sim.batches == [["parent"]] * 5 + [["child"]]


def test_merged_shard_waits_for_both_parents() -> None:
    sim = Simulation(lambda batch: fail(batch) if "p" in batch and len(sim.batches) < 6 else succeed(batch))
    first, second = sim.stream.split(sim.stream.open_shards()[0])
    sim.put("p", key="1")
    sim.put("q", key="6")
    sim.stream.merge(first, second)
    sim.put("child")
    sim.run()
    assert sim.batches[-1] == ["child"]


def test_only_adjacent_shards_merge() -> None:
    sim = Simulation(shards=3)
    first, _, third = sim.stream.open_shards()
    with pytest.raises(ValueError, match="not adjacent"):
        sim.stream.merge(first, third)


@settings(deadline=None)  # two busy cores make any example slow
@given(st.lists(st.one_of(st.integers(0, 20), st.sampled_from(["split", "merge"])), max_size=60))
def test_order_across_resharding(operations: list[int | str]) -> None:
    sim = Simulation()
    for number, operation in enumerate(operations):
        shards = sim.stream.open_shards()
        if operation == "split":
            sim.stream.split(shards[number % len(shards)])
        elif operation == "merge":
            if len(shards) > 1:
                sim.stream.merge(shards[0], shards[1])
        else:
            sim.put(f"{operation}:{number}", key=str(operation))
    sim.run(batch_size=3)
    delivered = sim.delivered()
    assert sorted(delivered) == sorted(sim.sequence)
    for key in {data.split(":")[0] for data in delivered}:
        numbers = [int(data.split(":")[1]) for data in delivered if data.split(":")[0] == key]
        assert numbers == sorted(numbers)


def test_run_until_producer_is_done() -> None:
    sim = Simulation()
    left = [3]

    def producing() -> bool:
        if left[0]:
            left[0] -= 1
            sim.put(f"late-{left[0]}")
        return left[0] == 0

    sim.mapping().run(until=producing)
    assert sim.delivered() == ["late-2", "late-1", "late-0"]


@pytest.mark.parametrize("factor", [1, 4])
def test_checkpoint_is_the_oldest_unfinished_record(factor: int) -> None:
    sim = Simulation(lambda batch: fail(batch) if "bad" in batch else succeed(batch))
    sim.put("first", key="1")
    sim.put("bad", key="2")
    sim.put("last", key="3")
    mapping = sim.mapping(batch_size=1, parallelization_factor=factor)
    (shard,) = sim.stream.open_shards()
    while mapping.step():
        pass
    assert mapping.checkpoints() == {shard: int(sim.sequence["bad"])}
    sim.answer = succeed
    mapping.run()
    assert mapping.checkpoints() == {shard: int(sim.sequence["last"]) + 1}
