"""A batch that fails is split in two, as long as it has more than one record."""

from ops.event_source_mapping import InvocationResult
from tests.ops.event_source_mapping.simulation import Simulation, fail, fail_with, succeed


def test_bisect_isolates_the_failing_record() -> None:
    sim = Simulation(fail_with("f"))
    sim.put(*"abcdefgh")
    counts = sim.run(bisect_batch_on_function_error=True, maximum_retry_attempts=1)
    assert counts.completed == 7
    assert [info["KinesisBatchInfo"]["startSequenceNumber"] for info in sim.dead] == [sim.sequence["f"]]


def test_bisect_does_not_consume_retries() -> None:
    sim = Simulation(fail_with("a"))
    sim.put(*"abcd")
    sim.run(bisect_batch_on_function_error=True, maximum_retry_attempts=2)
    assert sim.batches[:2] == [["a", "b", "c", "d"], ["a", "b"]]
    assert sim.batches.count(["a"]) == 3, "a first attempt and two retries, after two splits"


def test_bisected_halves_keep_their_order() -> None:
    sim = Simulation(lambda batch: fail(batch) if len(batch) > 1 else succeed(batch))
    sim.put(*"abcde")
    sim.run(bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    assert [batch for batch in sim.batches if len(batch) == 1] == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_function_error_is_bisected() -> None:
    """Where the mapping has ReportBatchItemFailures, too."""
    sim = Simulation(lambda batch: fail(batch) if len(batch) > 2 else succeed(batch))
    sim.put(*"abcd")
    sim.run(bisect_batch_on_function_error=True, report_batch_item_failures=True)
    assert sim.batches == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]


def test_partial_success_is_bisected_at_the_checkpoint() -> None:
    sim = Simulation()

    def answer(batch: list[str]) -> InvocationResult:
        failed = [{"itemIdentifier": sim.sequence["d"]}] if "d" in batch else []
        return InvocationResult.returned({"batchItemFailures": failed})

    sim.answer = answer
    sim.put(*"abcde")
    counts = sim.run(
        bisect_batch_on_function_error=True, report_batch_item_failures=True, maximum_retry_attempts=1
    )
    assert sim.batches == [["a", "b", "c", "d", "e"], ["d", "e"], ["d", "e"]]
    assert (counts.completed, counts.discarded) == (3, 2)
