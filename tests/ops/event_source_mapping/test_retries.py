"""Retries, their quota, record age, throttles, and what goes to the on-failure destination."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.event_source_mapping import InvocationResult
from tests.ops.event_source_mapping.simulation import ARN, Simulation, fail, fail_with, succeed


def test_maximum_retry_attempts() -> None:
    sim = Simulation(fail)
    sim.put("a", "b")
    counts = sim.run(maximum_retry_attempts=2)
    assert sim.batches == [["a", "b"]] * 3
    assert (counts.discarded_batches, counts.discarded) == (1, 2)


def test_infinite_retries() -> None:
    sim = Simulation(lambda batch: fail(batch) if len(sim.batches) < 200 else succeed(batch))
    sim.put("a")
    assert sim.run().completed == 1
    assert len(sim.batches) == 200


def test_infinite_retries_end_with_the_retention() -> None:
    sim = Simulation(fail, retention=3600)
    sim.put("a")
    start = sim.clock.now()
    counts = sim.run()
    assert counts.discarded == 1
    assert 3540 <= sim.times[-1] - start <= 3600
    assert sim.dead[0]["requestContext"]["condition"] == "RecordAgeExceeded"


HOUR = 3600


@pytest.mark.parametrize("bisect", [False, True])
def test_infinite_retries_hold_records_until_their_maximum_age(bisect: bool) -> None:
    """A function that has no model yet: nothing is discarded before the age, whatever the number of retries.

    "-1 means infinite: failed records are retried until the record expires", and "Discard records older than
    the specified age": AWS Lambda Developer Guide, "Lambda parameters for Amazon Kinesis Data Streams event
    source mappings" <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html>.
    """
    sim = Simulation(retention=7 * 24 * HOUR)
    start = sim.clock.now()
    model_arrives = start + 20 * HOUR

    def answer(batch: list[str]) -> InvocationResult:
        failed = [] if sim.clock.now() >= model_arrives else [{"itemIdentifier": sim.sequence[batch[0]]}]
        return InvocationResult.returned({"batchItemFailures": failed})

    sim.answer = answer
    sim.put("old")
    sim.clock.sleep(HOUR)
    sim.put("young", "younger")
    counts = sim.run(
        maximum_retry_attempts=-1,
        maximum_record_age_seconds=int(19.5 * HOUR),
        bisect_batch_on_function_error=bisect,
        report_batch_item_failures=True,
        batch_size=2,
    )
    assert (counts.completed, counts.discarded) == (2, 1)
    assert counts.invocations > 1024
    (dead,) = sim.dead
    assert dead["requestContext"]["condition"] == "RecordAgeExceeded"
    assert dead["KinesisBatchInfo"]["startSequenceNumber"] == sim.sequence["old"]
    assert dead["timestamp"] > "2023-11-15T17:43"  # 19.5 hours after it arrived
    assert all(
        time - start <= 19.5 * HOUR
        for time, batch in zip(sim.times, sim.batches, strict=True)
        if "old" in batch
    )


def test_bounded_retries_end_within_minutes() -> None:
    """Ten retries do not wait for a first model, which is why a mapping that has to wait has none."""
    sim = Simulation(fail)
    sim.put("a")
    start = sim.clock.now()
    counts = sim.run(maximum_retry_attempts=10, maximum_record_age_seconds=6 * HOUR)
    assert counts.discarded == 1
    assert sim.clock.now() - start < 600


def test_next_batch_after_a_discarded_one() -> None:
    sim = Simulation(fail_with("a"))
    sim.put("a", "b")
    sim.run(batch_size=1, maximum_retry_attempts=0)
    assert sim.batches == [["a"], ["b"]]


def test_only_old_records_of_a_batch_are_discarded() -> None:
    sim = Simulation(fail)
    sim.put("old")
    sim.clock.sleep(50)
    sim.put("young")
    sim.clock.sleep(11)
    counts = sim.run(maximum_record_age_seconds=60, maximum_retry_attempts=1)
    assert sim.batches == [["young"], ["young"]]
    assert counts.discarded == 2
    assert [dead["requestContext"]["condition"] for dead in sim.dead] == [
        "RecordAgeExceeded",
        "RetryAttemptsExhausted",
    ]


def test_maximum_record_age() -> None:
    sim = Simulation(fail)
    sim.put("a")
    start = sim.clock.now()
    sim.run(maximum_record_age_seconds=120)
    assert sim.times[-1] - start <= 120
    assert sim.dead[0]["requestContext"]["approximateInvokeCount"] == len(sim.batches)


def test_partial_success_uses_a_retry() -> None:
    sim = Simulation(
        lambda _: InvocationResult.returned({"batchItemFailures": [{"itemIdentifier": sim.sequence["b"]}]})
    )
    sim.put("a", "b")
    sim.run(report_batch_item_failures=True, maximum_retry_attempts=2)
    assert sim.batches == [["a", "b"], ["b"], ["b"]]


def test_record_of_the_maximum_age_is_sent() -> None:
    """Lambda discards records that "exceed the maximum age"."""
    sim = Simulation()
    sim.put("a")
    sim.clock.sleep(60)
    assert sim.run(maximum_record_age_seconds=60).completed == 1


def test_throttle_is_not_a_retry() -> None:
    sim = Simulation()
    sim.answer = lambda batch: InvocationResult.throttled() if len(sim.batches) < 9 else succeed(batch)
    sim.put("a")
    counts = sim.run(maximum_retry_attempts=0)
    assert (counts.throttles, counts.invocations, counts.completed) == (8, 1, 1)


def test_throttled_batch_is_not_bisected() -> None:
    sim = Simulation(lambda _: InvocationResult.throttled())
    sim.put("a", "b")
    sim.run(maximum_record_age_seconds=60, bisect_batch_on_function_error=True)
    assert all(batch == ["a", "b"] for batch in sim.batches)
    assert sim.dead[0]["responseContext"] == {"statusCode": 429}


def test_retry_delays() -> None:
    sim = Simulation(fail)
    sim.put("a")
    sim.run(maximum_retry_attempts=9)
    waits = [round(later - earlier) for earlier, later in zip(sim.times, sim.times[1:], strict=False)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_invocation_record_format() -> None:
    sim = Simulation(fail)
    sim.put("a")
    sim.clock.sleep(0.5)
    sim.put("b")
    sim.run(maximum_retry_attempts=1)
    (dead,) = sim.dead
    assert dead["requestContext"].pop("requestId")
    assert dead == {
        "requestContext": {
            "functionArn": ARN,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2023-11-14T22:13:21.500Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": sim.sequence["a"],
            "endSequenceNumber": sim.sequence["b"],
            "approximateArrivalOfFirstRecord": "2023-11-14T22:13:20.000Z",
            "approximateArrivalOfLastRecord": "2023-11-14T22:13:20.500Z",
            "batchSize": 2,
            "streamArn": sim.stream.arn,
        },
    }


@settings(deadline=None)  # two busy cores make any example slow
@given(st.data(), st.integers(1, 60), st.integers(1, 10), st.booleans(), st.integers(0, 3))
def test_each_record_is_completed_or_discarded_once(
    data: st.DataObject, records: int, batch_size: int, bisect: bool, retries: int
) -> None:
    sim = Simulation()
    completed: list[str] = []

    def answer(batch: list[str]) -> InvocationResult:
        done = data.draw(st.integers(-1, len(batch)))
        if done < 0:
            return fail(batch)
        completed.extend(batch[:done])
        failed = [{"itemIdentifier": sim.sequence[batch[done]]}] if done < len(batch) else []
        return InvocationResult.returned({"batchItemFailures": failed})

    sim.answer = answer
    names = [str(number) for number in range(records)]
    sim.put(*names)
    counts = sim.run(
        batch_size=batch_size,
        bisect_batch_on_function_error=bisect,
        report_batch_item_failures=True,
        maximum_retry_attempts=retries,
    )
    by_sequence = {sequence: int(name) for name, sequence in sim.sequence.items()}
    discarded = [
        str(number)
        for info in (dead["KinesisBatchInfo"] for dead in sim.dead)
        for number in range(
            by_sequence[info["startSequenceNumber"]], by_sequence[info["endSequenceNumber"]] + 1
        )
    ]
    assert sorted(completed + discarded, key=int) == names
    assert (counts.completed, counts.discarded) == (len(completed), len(discarded))
