"""What the predictor writes is counted once, when it is new."""

import gzip
import json
from typing import Any

import pytest

from tests.workloads.admin.conftest import Stack
from workloads.admin.errors import PlatformError
from workloads.admin.follower import AT_START, Follower

NOON = 1_700_000_000 - 1_700_000_000 % 3600 + 1800.0  # half past an hour
SHARD = "shardId-000000000000"


class Written:
    """A data bucket that the predictor writes to, and a follower behind it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.calls: list[str] = []
        stack.s3.meta.events.register("before-call.s3", lambda model, **_: self.calls.append(model.name))
        self.follower = Follower(stack.s3, "data", lambda: NOON)

    def write(self, kind: str, number: str, lines: list[dict[str, Any]]) -> None:
        body = gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines))
        self.stack.put(f"{kind}/dt=2023-11-14/hour=22/{SHARD}-{number}.jsonl.gz", body)

    def predictions(self, number: str, count: int = 1) -> None:
        line = {"predicted_at": "2023-11-14T22:29:10+00:00", "version": "1"}
        self.write(
            "predictions",
            number,
            [
                {**line, "prediction": {"ride_id": f"{number}-{at}", "ride_duration": 9.0}}
                for at in range(count)
            ],
        )


@pytest.fixture
def written(stack: Stack) -> Written:
    return Written(stack)


@pytest.mark.parametrize("digits", [1, 56], ids=["local numbers", "Kinesis's own"])
def test_each_object_counts_once(written: Written, digits: int) -> None:
    for number in range(1, 12):  # 10 sorts before 9 where numbers have no zeros in front
        written.predictions(f"{number:0{digits}d}", 2)
        written.follower.look()
    written.write("rejected", "1".zfill(digits), [{"reason": "no zone"}])
    flow = written.follower.look()
    assert flow.totals == {"predictions": 22, "rejected": 1, "actuals": 0}
    assert flow.rejected == {"no zone": 1}
    assert flow.minutes[-2] == {"predictions": 22}
    assert flow.last_minutes("predictions", 5) == 22
    assert len({line["prediction"]["ride_id"] for line in flow.latest}) == 22


def test_start_reads_the_end_of_the_hour(written: Written) -> None:
    """However many objects there are."""
    for number in range(AT_START + 30):
        written.predictions(f"{number:056d}")
    written.calls.clear()
    assert written.follower.look().totals["predictions"] == AT_START
    assert written.calls.count("GetObject") == AT_START


def test_damaged_object_is_passed_over(written: Written) -> None:
    written.stack.put(f"predictions/dt=2023-11-14/hour=22/{SHARD}-1.jsonl.gz", b"not gzip")
    written.predictions("2")
    assert written.follower.look().totals["predictions"] == 1


def test_refusal_says_what_to_allow(written: Written) -> None:
    follower = Follower(written.stack.s3, "no-such-bucket", lambda: NOON)
    with pytest.raises(PlatformError, match="s3:ListBucket"):
        follower.look()
