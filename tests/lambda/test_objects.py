"""Under which keys a batch's objects lie."""

import base64
from datetime import UTC, datetime

import pytest

import objects


@pytest.mark.parametrize("hour", range(24))
def test_key(hour: int) -> None:
    """Date and hour are those of the first record's arrival, in UTC and on a 24-hour clock."""
    arrived = datetime(2023, 12, 31, hour, 59, 59, 999_000, tzinfo=UTC).timestamp()
    record = {
        "kinesis": {
            "sequenceNumber": "49",
            "approximateArrivalTimestamp": arrived,
            "data": base64.b64encode(b""),
        },
        "eventID": "shardId-000000000007:49",
    }
    expected = f"actuals/dt=2023-12-31/hour={hour:02}/shardId-000000000007-49.jsonl.gz"
    assert objects.key("actuals", record) == expected
