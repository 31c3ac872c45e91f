"""What follows a delivery: which records are discarded, which are retried, and in which batches.

Source, unless a function names another: AWS Lambda Developer Guide, "Retain discarded batch records for a
Kinesis Data Streams event source in Lambda"
<https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>.
"""

from dataclasses import replace

from ops.event_source_mapping.batch import Batch
from ops.event_source_mapping.settings import INFINITE, EventSourceMappingSettings
from workloads.delivery.response import BatchOutcome, InvocationResult

LONGEST_DELAY = 60.0  # seconds
MOST_DOUBLINGS = 20  # of the delay: more would not fit a float when retries go on for days


def split_expired(batch: Batch, now: float, oldest_seconds: float) -> tuple[int, Batch]:
    """How many leading records are too old to be sent, and the batch without them.

    Lambda retries "until the records expire" from the stream or "exceed the maximum age"; records of a batch
    are in the order of their arrival, so the old ones lead.
    """
    expired = 0
    while expired < len(batch.records) and now - batch.records[expired].arrival > oldest_seconds:
        expired += 1
    return expired, replace(batch, records=batch.records[expired:]) if expired else batch


def next_batches(
    batch: Batch,
    result: InvocationResult,
    outcome: BatchOutcome,
    settings: EventSourceMappingSettings,
    now: float,
) -> list[Batch]:
    """The batches that replace `batch`, first to be delivered first; empty when it succeeded.

    - Not invoked (throttled, service error): the same batch again; the retry quota is for function errors.
    - Failure: in two halves with bisect ("Splitting batches doesn't consume the retry quota"), else as it
      was, with one retry used.
    - Partial success: the records from the checkpoint on ("Lambda then retries all records starting from that
      checkpoint"). With bisect "the batch is bisected at the returned sequence number and Lambda retries only
      the remaining records": that too is a split, unless the checkpoint is the first record.
      Source: AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and
      Lambda" <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>.
    """
    if outcome.status == "success":
        return []
    delay = min(settings.retry_delay_seconds * 2 ** min(batch.invocations, MOST_DOUBLINGS), LONGEST_DELAY)
    again = replace(batch, not_before=now + delay, last_result=result)
    if outcome.status == "not invoked":
        return [again]
    again = replace(again, invocations=batch.invocations + 1)
    bisect = settings.bisect_batch_on_function_error
    if outcome.status == "partial success" and outcome.completed > 0:
        used = batch.retries if bisect else batch.retries + 1
        return [replace(again, records=batch.records[outcome.completed :], retries=used)]
    if outcome.status == "failure" and bisect and len(batch.records) > 1:
        middle = (len(batch.records) + 1) // 2
        return [
            replace(again, records=batch.records[:middle]),
            replace(again, records=batch.records[middle:]),
        ]
    return [replace(again, retries=batch.retries + 1)]


def retries_exhausted(batch: Batch, settings: EventSourceMappingSettings) -> bool:
    """Whether the batch has had its retries: "Discard records after the specified number of retries"."""
    return INFINITE < settings.maximum_retry_attempts < batch.retries
