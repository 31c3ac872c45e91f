"""What the predictor writes is counted once, when it is new."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workloads.admin.conftest import Stack
from workloads.admin.counts import KEY, SETTLED_SECONDS
from workloads.admin.errors import PlatformError
from workloads.admin.follower import AT_ONCE, SAVE_SECONDS, Follower

NOON = 1_700_000_000 - 1_700_000_000 % 3600 + 1800.0  # half past an hour
SHARD = "shardId-000000000000"


class Written:
    """A data bucket that the predictor writes to, and a follower behind it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.calls: list[str] = []
        stack.s3.meta.events.register("before-call.s3", lambda model, **_: self.calls.append(model.name))
        self.now = NOON
        self.follower = self.started()

    def started(self) -> Follower:
        """As a new process of the GUI has it."""
        return Follower(self.stack.s3, "data", "reports", lambda: self.now)

    def write(self, kind: str, number: str, lines: list[dict[str, Any]]) -> None:
        body = gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines))
        hour = datetime.fromtimestamp(self.now, UTC).strftime("dt=%Y-%m-%d/hour=%H")
        self.stack.put(f"{kind}/{hour}/{SHARD}-{number}.jsonl.gz", body)

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


def test_start_reads_all_of_the_hour(written: Written) -> None:
    """However many objects there are, and each once."""
    for number in range(AT_ONCE + 30):
        written.predictions(f"{number:056d}")
    written.calls.clear()
    while not (flow := written.follower.look()).complete:
        pass
    assert flow.totals["predictions"] == AT_ONCE + 30
    assert written.calls.count("GetObject") == AT_ONCE + 30 + 1  # and the counts that were kept


@pytest.mark.parametrize("digits", [1, 56], ids=["local numbers", "Kinesis's own"])
def test_totals_outlive_a_restart(written: Written, digits: int) -> None:
    """What came while nothing ran is counted, hours later, too; nothing is counted twice."""
    written.predictions("1".zfill(digits), 3)
    written.write("rejected", "2".zfill(digits), [{"reason": "no zone"}])
    since = written.follower.look().since
    written.follower.save(1)
    written.predictions("3".zfill(digits), 2)
    written.now += 3 * 3600
    written.predictions("4".zfill(digits), 1)
    written.now += 2 * 3600
    for _ in range(2):
        follower = written.started()
        flow = follower.look()
        assert flow.totals == {"predictions": 6, "rejected": 1, "actuals": 0}
        assert (flow.since, flow.rejected) == (since, {"no zone": 1})
        follower.save(1)


def test_latest_are_there_after_a_restart(written: Written) -> None:
    written.predictions("1", 3)
    written.follower.look()
    written.follower.save(1)
    flow = written.started().look()
    assert len(flow.latest) == 3
    assert flow.minutes[-2] == {"predictions": 3}


def test_counts_are_kept_now_and_then(written: Written) -> None:
    """So that a process that is killed costs a few minutes of reading, and no number."""
    written.predictions("1")
    written.follower.look()
    written.now += SAVE_SECONDS + 1
    written.follower.look()
    written.calls.clear()
    assert written.started().look().totals["predictions"] == 1
    assert written.calls.count("GetObject") == 2  # the counts, and the latest predictions


def test_slow_invocation_is_counted(written: Written) -> None:
    """Of several at a time on one shard, the one with the lower number may end later."""
    for number in ("3", "1", "2"):
        written.predictions(number.zfill(56))
        written.follower.look()
    assert written.follower.look().totals["predictions"] == 3


def test_old_keys_are_not_listed_again(written: Written) -> None:
    written.predictions("1".zfill(56))
    written.follower.look()
    written.now += SETTLED_SECONDS + 1
    written.follower.look()
    written.predictions("2".zfill(56))
    asked: list[str] = []
    written.stack.s3.meta.events.register(
        "provide-client-params.s3.ListObjectsV2",
        lambda params, **_: asked.append(params.get("StartAfter", "")),
    )
    assert written.follower.look().totals["predictions"] == 2
    assert any("1".zfill(56) in each for each in asked)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"since": 1}'])
def test_damaged_counts_begin_anew(written: Written, body: bytes) -> None:
    written.stack.put(KEY, body, bucket="reports")
    written.predictions("1")
    assert written.follower.look().totals["predictions"] == 1


def test_counting_goes_on_where_nothing_is_kept(written: Written, caplog: pytest.LogCaptureFixture) -> None:
    """The role of a stack of yesterday may not write the counts."""
    follower = Follower(written.stack.s3, "data", "reports", lambda: written.now)
    written.predictions("1")
    follower.look()
    written.stack.s3.delete_object(Bucket="reports", Key=KEY)
    written.stack.s3.delete_bucket(Bucket="reports")
    follower.save(1)
    assert "allow s3:PutObject on reports/admin/counts.json" in caplog.text
    assert follower.look().totals["predictions"] == 1


def test_damaged_object_is_passed_over(written: Written) -> None:
    written.stack.put(f"predictions/dt=2023-11-14/hour=22/{SHARD}-1.jsonl.gz", b"not gzip")
    written.predictions("2")
    assert written.follower.look().totals["predictions"] == 1


def test_refusal_says_what_to_allow(written: Written) -> None:
    follower = Follower(written.stack.s3, "no-such-bucket", "reports", lambda: NOON)
    with pytest.raises(PlatformError, match="s3:ListBucket"):
        follower.look()
