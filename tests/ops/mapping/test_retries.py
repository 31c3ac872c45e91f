"""Retries, their quota, bisecting, record age, throttles, and what goes to the on-failure destination."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.sandbox.mapping import InvocationResult
from tests.ops.mapping.bench import ARN, Bench, fail, fail_with, succeed


def test_a_batch_is_retried_as_often_as_the_quota_says_and_then_discarded() -> None:
    bench = Bench(fail)
    bench.put("a", "b")
    counts = bench.run(maximum_retry_attempts=2)
    assert bench.batches == [["a", "b"]] * 3
    assert (counts.discarded_batches, counts.discarded) == (1, 2)


def test_with_infinite_retries_a_batch_is_retried_until_it_succeeds() -> None:
    bench = Bench(lambda batch: fail(batch) if len(bench.batches) < 200 else succeed(batch))
    bench.put("a")
    assert bench.run().completed == 1
    assert len(bench.batches) == 200


def test_with_infinite_retries_a_batch_is_retried_until_its_records_expire_from_the_stream() -> None:
    bench = Bench(fail, retention=3600)
    bench.put("a")
    start = bench.clock.now()
    counts = bench.run()
    assert counts.discarded == 1
    assert 3540 <= bench.times[-1] - start <= 3600
    assert bench.dead[0]["requestContext"]["condition"] == "RecordAgeExceeded"


def test_processing_goes_on_after_a_discarded_batch() -> None:
    bench = Bench(fail_with("a"))
    bench.put("a", "b")
    bench.run(batch_size=1, maximum_retry_attempts=0)
    assert bench.batches == [["a"], ["b"]]


def test_records_past_the_maximum_age_are_discarded_and_younger_ones_of_the_batch_still_go() -> None:
    bench = Bench(fail)
    bench.put("old")
    bench.clock.sleep(50)
    bench.put("young")
    bench.clock.sleep(11)
    counts = bench.run(maximum_record_age_seconds=60, maximum_retry_attempts=1)
    assert bench.batches == [["young"], ["young"]]
    assert counts.discarded == 2
    assert [dead["requestContext"]["condition"] for dead in bench.dead] == [
        "RecordAgeExceeded",
        "RetryAttemptsExhausted",
    ]


def test_a_failing_batch_is_retried_only_until_its_records_are_too_old() -> None:
    bench = Bench(fail)
    bench.put("a")
    start = bench.clock.now()
    bench.run(maximum_record_age_seconds=120)
    assert bench.times[-1] - start <= 120
    assert bench.dead[0]["requestContext"]["approximateInvokeCount"] == len(bench.batches)


def test_bisect_isolates_the_poison_record_and_completes_all_others() -> None:
    bench = Bench(fail_with("f"))
    bench.put(*"abcdefgh")
    counts = bench.run(bisect_batch_on_function_error=True, maximum_retry_attempts=1)
    assert counts.completed == 7
    assert [info["KinesisBatchInfo"]["startSequenceNumber"] for info in bench.dead] == [bench.sequence["f"]]


def test_splitting_does_not_consume_the_retry_quota() -> None:
    bench = Bench(fail_with("a"))
    bench.put(*"abcd")
    bench.run(bisect_batch_on_function_error=True, maximum_retry_attempts=2)
    assert bench.batches[:2] == [["a", "b", "c", "d"], ["a", "b"]]
    assert bench.batches.count(["a"]) == 3, "a first attempt and two retries, after two splits"


def test_the_halves_of_a_split_batch_keep_their_order() -> None:
    bench = Bench(lambda batch: fail(batch) if len(batch) > 1 else succeed(batch))
    bench.put(*"abcde")
    bench.run(bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    assert [batch for batch in bench.batches if len(batch) == 1] == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_a_failed_invocation_is_bisected_whatever_report_batch_item_failures_says() -> None:
    bench = Bench(lambda batch: fail(batch) if len(batch) > 2 else succeed(batch))
    bench.put(*"abcd")
    bench.run(bisect_batch_on_function_error=True, report_batch_item_failures=True)
    assert bench.batches == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]


def test_a_partial_success_is_bisected_at_the_returned_sequence_number() -> None:
    bench = Bench()

    def answer(batch: list[str]) -> InvocationResult:
        failed = [{"itemIdentifier": bench.sequence["d"]}] if "d" in batch else []
        return InvocationResult.returned({"batchItemFailures": failed})

    bench.answer = answer
    bench.put(*"abcde")
    counts = bench.run(
        bisect_batch_on_function_error=True, report_batch_item_failures=True, maximum_retry_attempts=1
    )
    assert bench.batches == [["a", "b", "c", "d", "e"], ["d", "e"], ["d", "e"]]
    assert (counts.completed, counts.discarded) == (3, 2)


def test_a_throttle_does_not_count_as_a_retry() -> None:
    bench = Bench()
    bench.answer = lambda batch: InvocationResult.throttled() if len(bench.batches) < 9 else succeed(batch)
    bench.put("a")
    counts = bench.run(maximum_retry_attempts=0)
    assert (counts.throttles, counts.invocations, counts.completed) == (8, 1, 1)


def test_a_throttled_batch_is_not_bisected_and_ends_at_the_maximum_age() -> None:
    bench = Bench(lambda _: InvocationResult.throttled())
    bench.put("a", "b")
    bench.run(maximum_record_age_seconds=60, bisect_batch_on_function_error=True)
    assert all(batch == ["a", "b"] for batch in bench.batches)
    assert bench.dead[0]["responseContext"] == {"statusCode": 429}


def test_retries_wait_longer_each_time_and_never_more_than_a_minute() -> None:
    bench = Bench(fail)
    bench.put("a")
    bench.run(maximum_retry_attempts=9)
    waits = [round(later - earlier) for earlier, later in zip(bench.times, bench.times[1:], strict=False)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_invocation_record_is_the_documented_one() -> None:
    bench = Bench(fail)
    bench.put("a")
    bench.clock.sleep(0.5)
    bench.put("b")
    bench.run(maximum_retry_attempts=1)
    (dead,) = bench.dead
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
            "startSequenceNumber": bench.sequence["a"],
            "endSequenceNumber": bench.sequence["b"],
            "approximateArrivalOfFirstRecord": "2023-11-14T22:13:20.000Z",
            "approximateArrivalOfLastRecord": "2023-11-14T22:13:20.500Z",
            "batchSize": 2,
            "streamArn": bench.stream.arn,
        },
    }


@settings(deadline=None)  # two busy cores make any example slow
@given(st.data(), st.integers(1, 60), st.integers(1, 10), st.booleans(), st.integers(0, 3))
def test_every_record_is_completed_or_discarded_exactly_once_whatever_the_function_does(
    data: st.DataObject, records: int, batch_size: int, bisect: bool, retries: int
) -> None:
    bench = Bench()
    completed: list[str] = []

    def answer(batch: list[str]) -> InvocationResult:
        done = data.draw(st.integers(-1, len(batch)))
        if done < 0:
            return fail(batch)
        completed.extend(batch[:done])
        failed = [{"itemIdentifier": bench.sequence[batch[done]]}] if done < len(batch) else []
        return InvocationResult.returned({"batchItemFailures": failed})

    bench.answer = answer
    names = [str(number) for number in range(records)]
    bench.put(*names)
    counts = bench.run(
        batch_size=batch_size,
        bisect_batch_on_function_error=bisect,
        report_batch_item_failures=True,
        maximum_retry_attempts=retries,
    )
    by_sequence = {sequence: int(name) for name, sequence in bench.sequence.items()}
    discarded = [
        str(number)
        for info in (dead["KinesisBatchInfo"] for dead in bench.dead)
        for number in range(
            by_sequence[info["startSequenceNumber"]], by_sequence[info["endSequenceNumber"]] + 1
        )
    ]
    assert sorted(completed + discarded, key=int) == names
    assert (counts.completed, counts.discarded) == (len(completed), len(discarded))
