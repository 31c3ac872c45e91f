"""The event that Lambda hands the function: a batch of Kinesis records as JSON.

Source: AWS Lambda Developer Guide, "Using Lambda to process records from Amazon Kinesis Data Streams",
example event <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>.
"""

import base64
import json
from collections.abc import Sequence

from workloads.delivery.record import Record

ENVELOPE_BYTES = 700  # what surrounds a record's data and key, with ARNs of the greatest usual length


def kinesis_event(records: Sequence[Record], *, shard_id: str, stream_arn: str) -> bytes:
    """The batch as the function receives it, UTF-8 JSON with the records in the order given."""
    region = stream_arn.split(":")[3]
    return json.dumps(
        {"Records": [_record(record, shard_id, stream_arn, region) for record in records]},
        separators=(",", ":"),
    ).encode()


def payload_bytes(record: Record) -> int:
    """An upper bound of what the record adds to the event, without making the event."""
    data = 4 * ((len(record.data) + 2) // 3)  # as base64
    return ENVELOPE_BYTES + data + len(json.dumps(record.partition_key))


def _record(record: Record, shard_id: str, stream_arn: str, region: str) -> dict[str, object]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": record.sequence_number,
            "data": base64.b64encode(record.data).decode("ascii"),
            "approximateArrivalTimestamp": round(record.arrival, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/sandbox",
        "awsRegion": region,
        "eventSourceARN": stream_arn,
    }
