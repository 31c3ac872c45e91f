"""The documented conditions of success and failure of a partial batch response, one by one."""

import pytest

from ops.sandbox.mapping import InvocationResult
from tests.ops.mapping.bench import Bench

SUCCESSES = {
    "an empty batchItemFailures list": b'{"batchItemFailures": []}',
    "a null batchItemFailures list": b'{"batchItemFailures": null}',
    "an empty EventResponse": b"{}",
    "a null EventResponse": b"null",
    "no payload at all": b"",
}
FAILURES = {
    "an empty string itemIdentifier": b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
    "a null itemIdentifier": b'{"batchItemFailures": [{"itemIdentifier": null}]}',
    "an itemIdentifier with a bad key name": b'{"batchItemFailures": [{"itemIdentifer": "1"}]}',
    "an identifier that is not in the batch": b'{"batchItemFailures": [{"itemIdentifier": "1"}]}',
    "a list that is none": b'{"batchItemFailures": "all"}',
    "an item that is no object": b'{"batchItemFailures": ["1"]}',
    "an answer that is no object": b'"done"',
    "an answer that is no JSON": b"done",
}


@pytest.mark.parametrize("payload", SUCCESSES.values(), ids=SUCCESSES.keys())
def test_complete_success(payload: bytes) -> None:
    bench = Bench(lambda _: InvocationResult(payload=payload))
    bench.put("a", "b")
    counts = bench.run(report_batch_item_failures=True, maximum_retry_attempts=2)
    assert bench.batches == [["a", "b"]]
    assert (counts.completed, counts.discarded) == (2, 0)


@pytest.mark.parametrize("payload", FAILURES.values(), ids=FAILURES.keys())
def test_complete_failure(payload: bytes) -> None:
    bench = Bench(lambda _: InvocationResult(payload=payload))
    bench.put("a", "b")
    counts = bench.run(report_batch_item_failures=True, maximum_retry_attempts=2)
    assert bench.batches == [["a", "b"]] * 3
    assert (counts.completed, counts.discarded) == (0, 2)


def test_without_report_batch_item_failures_the_answer_is_not_read() -> None:
    bench = Bench()
    bench.answer = lambda _: InvocationResult.returned(
        {"batchItemFailures": [{"itemIdentifier": bench.sequence["a"]}]}
    )
    bench.put("a", "b")
    assert bench.run(maximum_retry_attempts=2).completed == 2


def test_the_lowest_sequence_number_is_the_checkpoint_and_all_from_there_on_come_again() -> None:
    bench = Bench()

    def answer(batch: list[str]) -> InvocationResult:
        failed = [] if len(bench.batches) > 1 else ["d", "b"]
        items = [{"itemIdentifier": bench.sequence[data]} for data in failed]
        return InvocationResult.returned({"batchItemFailures": items})

    bench.answer = answer
    bench.put(*"abcde")
    counts = bench.run(report_batch_item_failures=True)
    assert bench.batches == [["a", "b", "c", "d", "e"], ["b", "c", "d", "e"]]
    assert counts.completed == 5


def test_a_function_error_counts_whatever_the_payload_says() -> None:
    bench = Bench(lambda _: InvocationResult(payload=b"{}", function_error="Unhandled"))
    bench.put("a")
    counts = bench.run(report_batch_item_failures=True, maximum_retry_attempts=0)
    assert (counts.completed, counts.discarded) == (0, 1)
