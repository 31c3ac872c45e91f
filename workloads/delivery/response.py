"""What an invocation's result means for its batch.

Source: AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and Lambda"
<https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from workloads.delivery.record import Record


@dataclass(frozen=True, kw_only=True)
class InvocationResult:
    """What a synchronous Invoke answers: the fields of its response, and the function's own in `payload`."""

    status_code: int = 200
    payload: bytes = b""
    function_error: Literal["Handled", "Unhandled"] | None = None
    executed_version: str = "$LATEST"

    @classmethod
    def returned(cls, value: object) -> Self:
        """The function returned `value` (JSON-serialisable)."""
        return cls(payload=json.dumps(value).encode())

    @classmethod
    def failed(cls, message: str) -> Self:
        """The function raised, ran out of time or memory, or its process ended: all are function errors."""
        return cls(payload=json.dumps({"errorMessage": message}).encode(), function_error="Unhandled")

    @classmethod
    def throttled(cls) -> Self:
        """Lambda did not run the function (TooManyRequestsException)."""
        return cls(status_code=429)


@dataclass(frozen=True, kw_only=True)
class BatchOutcome:
    """How a batch went, in the guide's words; `completed` counts the records before the checkpoint."""

    status: Literal["success", "partial success", "failure", "not invoked"]
    completed: int = 0


def batch_outcome(
    result: InvocationResult, batch: Sequence[Record], *, report_batch_item_failures: bool
) -> BatchOutcome:
    """Apply the documented conditions of success and failure to one invocation of `batch`.

    Complete success: null or `{}`, a null or empty `batchItemFailures`. Complete failure: an empty, null or
    missing `itemIdentifier`. The page is silent on an identifier that is not in the batch and on an answer
    that is not an object; both count as complete failures here, because no checkpoint follows from them.
    """
    if result.status_code != 200:
        return BatchOutcome(status="not invoked")
    if result.function_error is not None:
        return BatchOutcome(status="failure")
    if not report_batch_item_failures:
        return BatchOutcome(status="success", completed=len(batch))
    identifiers = _failed_identifiers(result.payload)
    if identifiers == []:
        return BatchOutcome(status="success", completed=len(batch))
    positions = {record.sequence_number: index for index, record in enumerate(batch)}
    if identifiers is None or not all(identifier in positions for identifier in identifiers):
        return BatchOutcome(status="failure")
    # The lowest sequence number is the checkpoint, whatever the order of the list.
    checkpoint = min(positions[identifier] for identifier in identifiers)
    return BatchOutcome(status="partial success", completed=checkpoint)


def _failed_identifiers(payload: bytes) -> list[str] | None:
    """The identifiers in the answer; [] is a success, None for one of another form than documented."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return None
    if answer is None:
        return []
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures")
    if failures is None:
        return []
    if not isinstance(failures, list):
        return None
    found = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    identifiers = [identifier for identifier in found if isinstance(identifier, str)]
    return identifiers if len(identifiers) == len(found) else None
