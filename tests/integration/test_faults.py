"""Every event ends in one place, whatever fails: the real predictor behind the simulated mapping."""

import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.event_source_mapping import (
    EventSourceMapping,
    EventSourceMappingSettings,
    MemoryStream,
    VirtualClock,
    kinesis_event,
)
from tests.bundles import MODEL, booster, bundle, ride_event
from tests.integration.faults import CrashError, FaultyBucket, Function, count_places, seeded

LAMBDA = str(Path(__file__).parents[2] / "lambda")
READS_MODELS = ("model_file.py", "ubjson.py")
POINTER = f"models/{MODEL}/champion.json"
FIRST = bundle(booster(3), "1")
SECOND = bundle(booster(4, seed=8), "2")
CHALLENGER = bundle(booster(2, seed=9), "3", alias="challenger")
MODELS = FIRST | SECOND | CHALLENGER
# What the champion's pointer turns into while events flow: newer, broken, gone, older.
POINTERS = (SECOND[POINTER], b"{", None, FIRST[POINTER])
COMPLETED = b'{"ride_id": 7, "event": "completed", "lpep_dropoff_datetime": "2023-03-01T09:00:00"}'
PAYLOADS = (
    *(ride_event(number, trip_distance=number / 7) for number in range(12)),
    ride_event(3, trip_distance=3 / 7),  # sent twice by its producer: two records, both answered
    COMPLETED,
    b"\xff poison",
    ride_event(4, PULocationID="x"),
)


class Champion:
    """Changes the champion's pointer, or breaks it, now and then."""

    def __init__(self, function: Function, every: int) -> None:
        self._function = function
        self._every = every

    def __call__(self, event: bytes) -> Any:
        turn, rest = divmod(self._function.invocations, self._every)
        if rest == 0:
            pointer = POINTERS[turn % len(POINTERS)]
            objects = self._function.bucket.objects
            objects.pop(POINTER, None) if pointer is None else objects.update({POINTER: pointer})
        return self._function(event)


def stream_of(events: int, clock: VirtualClock, reshard_every: int) -> MemoryStream:
    """A stream whose shards split and merge while it is filled."""
    stream = MemoryStream(clock, shards=2)
    for number in range(1, events + 1):
        stream.put(str(number % 997), PAYLOADS[number % len(PAYLOADS)])
        if number % reshard_every == 0:
            shards = stream.open_shards()
            stream.merge(*shards[:2]) if len(shards) > 3 else stream.split(shards[0])
    return stream


def run_through_faults(
    *,
    events: int,
    rate: float,
    seed: int,
    reshard_every: int,
    factor: int = 1,
    every: int = 37,
    **options: Any,
) -> int:
    """Run events through mapping and predictor, check the account, redrive, check again; the dead letters."""
    clock = VirtualClock()
    stream = stream_of(events, clock, reshard_every)
    bucket = FaultyBucket(rate, seeded(seed), MODELS)
    function = Function(bucket)
    dead: list[dict[str, Any]] = []
    parameters = EventSourceMappingSettings(
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:predictor:live",
        report_batch_item_failures=True,
        parallelization_factor=factor,
        **options,
    )
    EventSourceMapping(parameters, stream, Champion(function, every), dead.append, clock).run()
    everything = {}
    for shard in stream.list_shards():
        iterator = stream.get_shard_iterator(shard.shard_id, "TRIM_HORIZON")
        everything[shard.shard_id] = stream.get_records(iterator, events).records
    order = {shard: [r.sequence_number for r in records] for shard, records in everything.items()}
    expected = {f"{shard} {number}": 1 for shard, numbers in order.items() for number in numbers}
    assert len(expected) == events
    assert count_places(bucket.results(), dead, order) == expected
    bucket.rate = 0.0
    bucket.objects[POINTER] = FIRST[POINTER]
    for info in (document["KinesisBatchInfo"] for document in dead):
        low = order[info["shardId"]].index(info["startSequenceNumber"])
        batch = everything[info["shardId"]][low : low + info["batchSize"]]
        answer = function(kinesis_event(batch, shard_id=info["shardId"], stream_arn=stream.arn))
        assert json.loads(answer.payload) == {"batchItemFailures": []}
    assert count_places(bucket.results(), [], order) == expected
    return len(dead)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 300),
    st.floats(0, 0.6),
    st.integers(0, 2**32),
    st.integers(20, 200),
    st.integers(1, 40),
    st.booleans(),
    st.integers(0, 3),
)
def test_each_event_ends_in_one_place(
    events: int, rate: float, seed: int, reshard_every: int, batch_size: int, bisect: bool, retries: int
) -> None:
    run_through_faults(
        events=events,
        rate=rate,
        seed=seed,
        reshard_every=reshard_every,
        batch_size=batch_size,
        bisect_batch_on_function_error=bisect,
        maximum_retry_attempts=retries,
    )


def test_100_000_events_under_every_fault() -> None:
    dead = run_through_faults(
        events=100_000,
        rate=0.08,
        seed=20230301,
        reshard_every=9_000,
        batch_size=100,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=2,
    )
    assert dead > 0, "without a dead letter the redrive was not tried"


@pytest.mark.parametrize("factor", [2, 10])
def test_parallelization_factor(factor: int) -> None:
    dead = run_through_faults(
        events=20_000,
        rate=0.05,
        seed=7,
        reshard_every=4_000,
        factor=factor,
        every=sys.maxsize,  # a champion that stays good: without one, records grow too old
        bisect_batch_on_function_error=True,
    )
    assert dead == 0


class Crash:
    """Ends the process at the `count`-th line that the predictor runs; tells how many it ran.

    The thousands of lines that read a model file write nothing, and count as the line that calls them.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.lines = 0

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(LAMBDA) or file.endswith(READS_MODELS):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self.count:
                raise CrashError
        return self


def crashed_at(count: int) -> int:
    """A batch of every kind whose first invocation ends at a line; the number of lines it ran."""
    clock = VirtualClock()
    stream = MemoryStream(clock, shards=1)
    for payload in PAYLOADS[-5:]:
        stream.put("1", payload)
    bucket = FaultyBucket(0.0, seeded(1), MODELS)
    function, crash = Function(bucket), Crash(count)

    def invoke(event: bytes) -> Any:
        first = function.invocations == 0
        sys.settrace(crash if first else None)
        try:
            return function(event)
        finally:
            sys.settrace(None)

    parameters = EventSourceMappingSettings(
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:predictor:live",
        report_batch_item_failures=True,
        bisect_batch_on_function_error=True,
    )
    EventSourceMapping(parameters, stream, invoke, lambda _: pytest.fail("dead-lettered"), clock).run()
    (shard,) = stream.list_shards()
    iterator = stream.get_shard_iterator(shard.shard_id, "TRIM_HORIZON")
    order = {shard.shard_id: [r.sequence_number for r in stream.get_records(iterator, 99).records]}
    assert set(count_places(bucket.results(), [], order).values()) == {1}, f"crashed at line {count}"
    assert sum(map(len, bucket.results().values())) == len(PAYLOADS[-5:])
    return crash.lines


def test_crash_at_any_line() -> None:
    total = crashed_at(sys.maxsize)
    assert total > 200
    for count in range(1, total + 1):
        assert crashed_at(count) == count
