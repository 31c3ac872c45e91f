"""The invocation record that goes to the on-failure destination when records are discarded.

It names the records by shard and sequence numbers and does not hold them: they have to be read from the
stream before they expire. Source: AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis
Data Streams event source in Lambda"
<https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from workloads.delivery.record import Record
from workloads.delivery.response import InvocationResult

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


def invocation_record(
    records: Sequence[Record],
    *,
    condition: Condition,
    invocations: int,
    last_result: InvocationResult | None,
    function_arn: str,
    shard_id: str,
    stream_arn: str,
    now: float,
) -> dict[str, Any]:
    """The document for one discarded batch; `last_result` is None when the function never saw it."""
    response: dict[str, Any] = {"statusCode": last_result.status_code if last_result else None}
    if last_result is not None and last_result.status_code == 200:
        response |= {
            "executedVersion": last_result.executed_version,
            "functionError": last_result.function_error,
        }
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": invocations,
        },
        "responseContext": response,
        "version": "1.0",
        "timestamp": _iso(now),
        "KinesisBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": records[0].sequence_number,
            "endSequenceNumber": records[-1].sequence_number,
            "approximateArrivalOfFirstRecord": _iso(records[0].arrival),
            "approximateArrivalOfLastRecord": _iso(records[-1].arrival),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
