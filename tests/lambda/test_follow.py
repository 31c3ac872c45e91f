"""An event is found in the log by its id."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

import logs
from tests.bundles import batch, ride_event

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb="256", invoked_function_arn="arn:f", aws_request_id="r-1"
)


def test_an_event_is_followed_by_its_id(
    bench: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the comparisons of the saved query `follow-event`: each attempt at it, and no other batch."""
    monkeypatch.setattr(logs, "invocation", {})
    records = batch([ride_event() for _ in range(9)])["Records"]
    attempts = [records[:4], records[:2], records[2:4], records[4:]]  # the first was cut in two
    bench.send([ride_event()])
    capsys.readouterr()
    for attempt in attempts:
        logs.begin(CONTEXT, cold_start=False, records=attempt)
        bench.predictor.handle({"Records": attempt})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for record in records:
        found = [one for one in lines if one["first_event"] <= record["eventID"] <= one["last_event"]]
        expected = [one[0]["eventID"] for one in attempts if record in one]
        assert [one["first_event"] for one in found] == expected
