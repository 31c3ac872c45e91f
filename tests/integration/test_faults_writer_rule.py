"""The rule by which objects are keyed keeps every event exactly once, under every fault and at every moment.

A model of the writer stands in for the function: it follows the rule and nothing else.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.sandbox.mapping import InvocationResult, Mapping, MappingSettings, MemoryStream, VirtualClock
from ops.sandbox.mapping.event import kinesis_event
from tests.integration.faults import CrashError, FaultyBucket, S3Error, seeded, whereabouts

KINDS = ("rejected", "actuals", "predictions")  # the order of the puts


class Writer:
    """Keys each object by the shard and the first number in it; the kind depends on the record alone."""

    def __init__(self, bucket: FaultyBucket) -> None:
        self.bucket = bucket

    def __call__(self, event: bytes) -> InvocationResult:
        records = json.loads(event)["Records"]
        first = records[0]["kinesis"]["sequenceNumber"]
        try:
            self.bucket.point()
            for index, kind in enumerate(KINDS):
                lines = [
                    record["kinesis"]["sequenceNumber"]
                    for record in records
                    if int(record["kinesis"]["partitionKey"]) % len(KINDS) == index
                ]
                if lines:
                    shard_id = records[0]["eventID"].split(":")[0]
                    self.bucket.put(f"{kind}/{shard_id}-{lines[0]}", lines)
        except S3Error:
            return InvocationResult.returned({"batchItemFailures": [{"itemIdentifier": first}]})
        except CrashError:
            return InvocationResult.failed("the process ended")
        return InvocationResult.returned({"batchItemFailures": []})


def rehearse(
    *, events: int, rate: float, seed: int, reshard_every: int, factor: int = 1, **options: Any
) -> int:
    """Run events through mapping and writer, check the account, redrive, check again; the dead letters."""
    clock = VirtualClock()
    stream = MemoryStream(clock, shards=2)
    bucket = FaultyBucket(rate, seeded(seed))
    dead: list[dict[str, Any]] = []
    for number in range(1, events + 1):
        stream.put(str(number % 997), b"{}")
        if number % reshard_every == 0:
            shards = stream.open_shards()
            stream.merge(*shards[:2]) if len(shards) > 3 else stream.split(shards[0])
    writer = Writer(bucket)
    mapping_settings = MappingSettings(
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:predictor:live",
        report_batch_item_failures=True,
        parallelization_factor=factor,
        **options,
    )
    Mapping(mapping_settings, stream, writer, dead.append, clock).run()
    everything = {}
    for shard in stream.list_shards():
        iterator = stream.get_shard_iterator(shard.shard_id, "TRIM_HORIZON")
        everything[shard.shard_id] = stream.get_records(iterator, events).records
    order = {shard: [r.sequence_number for r in records] for shard, records in everything.items()}
    expected = {f"{shard} {number}": 1 for shard, numbers in order.items() for number in numbers}
    assert len(expected) == events
    assert whereabouts(bucket.objects, dead, order) == expected
    bucket.rate = 0.0
    for info in (document["KinesisBatchInfo"] for document in dead):
        low = order[info["shardId"]].index(info["startSequenceNumber"])
        batch = everything[info["shardId"]][low : low + info["batchSize"]]
        writer(kinesis_event(batch, shard_id=info["shardId"], stream_arn=stream.arn))
    assert whereabouts(bucket.objects, [], order) == expected
    return len(dead)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 300),
    st.floats(0, 0.6),
    st.integers(0, 2**32),
    st.integers(20, 200),
    st.integers(1, 40),
    st.booleans(),
    st.integers(0, 3),
)
def test_every_event_is_in_one_place_before_and_after_the_redrive(
    events: int, rate: float, seed: int, reshard_every: int, batch_size: int, bisect: bool, retries: int
) -> None:
    rehearse(
        events=events,
        rate=rate,
        seed=seed,
        reshard_every=reshard_every,
        batch_size=batch_size,
        bisect_batch_on_function_error=bisect,
        maximum_retry_attempts=retries,
    )


@pytest.mark.parametrize("bisect", [True, False])
def test_100_000_events_under_every_fault(bisect: bool) -> None:
    dead = rehearse(
        events=100_000,
        rate=0.15,
        seed=20230301,
        reshard_every=9_000,
        batch_size=100,
        bisect_batch_on_function_error=bisect,
        maximum_retry_attempts=1,
    )
    assert dead > 0, "without a dead letter the redrive was not tried"


@pytest.mark.parametrize("factor", [2, 10])
def test_concurrent_lanes_lose_and_duplicate_nothing_as_long_as_they_retry(factor: int) -> None:
    dead = rehearse(
        events=20_000,
        rate=0.1,
        seed=7,
        reshard_every=4_000,
        factor=factor,
        bisect_batch_on_function_error=True,
    )
    assert dead == 0
