"""The documented conditions of success and failure of a partial batch response, one by one."""

import json

import pytest

from ops.event_source_mapping import InvocationResult
from tests.ops.event_source_mapping.simulation import Simulation

SUCCESSES = {
    "an empty batchItemFailures list": b'{"batchItemFailures": []}',
    "a null batchItemFailures list": b'{"batchItemFailures": null}',
    "an empty EventResponse": b"{}",
    "a null EventResponse": b"null",
    "no payload at all": InvocationResult().payload,
}
FAILURES = {
    "an empty string itemIdentifier": b'{"batchItemFailures": [{"itemIdentifier": ""}]}',
    "a null itemIdentifier": b'{"batchItemFailures": [{"itemIdentifier": null}]}',
    "an itemIdentifier with a bad key name": b'{"batchItemFailures": [{"itemIdentifer": "1"}]}',
    "an identifier that is not in the batch": b'{"batchItemFailures": [{"itemIdentifier": "1"}]}',
    "a value that is not a list": b'{"batchItemFailures": "all"}',
    "an item that is not an object": b'{"batchItemFailures": ["1"]}',
    "an identifier that is a list": b'{"batchItemFailures": [{"itemIdentifier": ["1"]}]}',
    "an answer that is not an object": b'"done"',
    "an answer that is not JSON": b"done",
}


@pytest.mark.parametrize("payload", SUCCESSES.values(), ids=SUCCESSES.keys())
def test_complete_success(payload: bytes) -> None:
    sim = Simulation(lambda _: InvocationResult(payload=payload))
    sim.put("a", "b")
    counts = sim.run(report_batch_item_failures=True, maximum_retry_attempts=2)
    assert sim.batches == [["a", "b"]]
    assert (counts.completed, counts.discarded) == (2, 0)


@pytest.mark.parametrize("payload", FAILURES.values(), ids=FAILURES.keys())
def test_complete_failure(payload: bytes) -> None:
    sim = Simulation(lambda _: InvocationResult(payload=payload))
    sim.put("a", "b")
    counts = sim.run(report_batch_item_failures=True, maximum_retry_attempts=2)
    assert sim.batches == [["a", "b"]] * 3
    assert (counts.completed, counts.discarded) == (0, 2)


def test_complete_failure_is_bisected() -> None:
    """An answer of another form than documented is a failure like a function error."""
    sim = Simulation(lambda _: InvocationResult(payload=b'{"batchItemFailures": [{"itemIdentifier": "1"}]}'))
    sim.put("a", "b")
    sim.run(report_batch_item_failures=True, bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    assert sim.batches == [["a", "b"], ["a"], ["b"]]


def test_function_error_carries_its_message() -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html"""
    assert json.loads(InvocationResult.failed("boom").payload) == {"errorMessage": "boom"}


def test_response_is_not_read_without_report_batch_item_failures() -> None:
    sim = Simulation()
    sim.answer = lambda _: InvocationResult.returned(
        {"batchItemFailures": [{"itemIdentifier": sim.sequence["a"]}]}
    )
    sim.put("a", "b")
    assert sim.run(maximum_retry_attempts=2).completed == 2


def test_lowest_sequence_number_is_the_checkpoint() -> None:
    sim = Simulation()

    def answer(batch: list[str]) -> InvocationResult:
        failed = [] if len(sim.batches) > 1 else ["d", "b"]
        items = [{"itemIdentifier": sim.sequence[data]} for data in failed]
        return InvocationResult.returned({"batchItemFailures": items})

    sim.answer = answer
    sim.put(*"abcde")
    counts = sim.run(report_batch_item_failures=True)
    assert sim.batches == [["a", "b", "c", "d", "e"], ["b", "c", "d", "e"]]
    assert counts.completed == 5


def test_function_error_overrides_payload() -> None:
    sim = Simulation(lambda _: InvocationResult(payload=b"{}", function_error="Unhandled"))
    sim.put("a")
    counts = sim.run(report_batch_item_failures=True, maximum_retry_attempts=0)
    assert (counts.completed, counts.discarded) == (0, 1)
