"""What follows an attempt: what is discarded, what is tried again, and in which pieces.

Source, unless a function names another: AWS Lambda Developer Guide, "Retain discarded batch records for a
Kinesis Data Streams event source in Lambda"
<https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>.
"""

from dataclasses import replace

from ops.sandbox.mapping.lane import Attempt
from ops.sandbox.mapping.response import InvocationResult, Verdict
from ops.sandbox.mapping.settings import INFINITE, MappingSettings

LONGEST_DELAY = 60.0  # seconds


def split_expired(attempt: Attempt, now: float, oldest_seconds: float) -> tuple[int, Attempt]:
    """How many leading records are too old to be sent, and the attempt without them.

    Lambda retries "until the records expire" from the stream or "exceed the maximum age"; records of a lane
    arrive in order, so the old ones lead.
    """
    expired = 0
    while expired < len(attempt.records) and now - attempt.records[expired].arrival > oldest_seconds:
        expired += 1
    return expired, replace(attempt, records=attempt.records[expired:]) if expired else attempt


def following(
    attempt: Attempt, result: InvocationResult, verdict: Verdict, settings: MappingSettings, now: float
) -> list[Attempt]:
    """The attempts that replace `attempt`, first to be delivered first; empty when the batch is complete.

    - Not invoked (throttled, service error): the same batch again; the retry quota is for function errors.
    - Failed: in two halves with bisect ("Splitting batches doesn't consume the retry quota"), else as it was,
      with one retry used.
    - Partial: the records from the checkpoint on ("Lambda then retries all records starting from that
      checkpoint"). With bisect "the batch is bisected at the returned sequence number and Lambda retries only
      the remaining records": that too is a split, unless the checkpoint is the first record.
      Source: AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and
      Lambda" <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>.
    """
    if verdict.outcome == "complete":
        return []
    delay = min(settings.retry_delay_seconds * 2**attempt.invocations, LONGEST_DELAY)
    again = replace(attempt, not_before=now + delay, last_result=result)
    if verdict.outcome == "not invoked":
        return [again]
    again = replace(again, invocations=attempt.invocations + 1)
    bisect = settings.bisect_batch_on_function_error
    if verdict.outcome == "partial" and verdict.completed > 0:
        used = attempt.retries if bisect else attempt.retries + 1
        return [replace(again, records=attempt.records[verdict.completed :], retries=used)]
    if verdict.outcome == "failed" and bisect and len(attempt.records) > 1:
        middle = (len(attempt.records) + 1) // 2
        return [
            replace(again, records=attempt.records[:middle]),
            replace(again, records=attempt.records[middle:]),
        ]
    return [replace(again, retries=attempt.retries + 1)]


def exhausted(attempt: Attempt, settings: MappingSettings) -> bool:
    """Whether `attempt` is one too many: "Discard records after the specified number of retries"."""
    return INFINITE < settings.maximum_retry_attempts < attempt.retries
