"""What a batch becomes: objects, their keys and order, the response, the metrics."""

import json
from typing import Any

import pytest

from store import StoreError
from tests.bundles import MODEL, SHARD, booster, bundle, lines, ride_event

POISON = b'{"ride_id": 1}'
COMPLETED = json.dumps(
    {"ride_id": 7, "event": "completed", "lpep_dropoff_datetime": "2023-03-01T09:00:00"}
).encode()
FIRST = "49000000000000000000001"
HOUR = "dt=2023-03-28/hour=10"
THROTTLED = StoreError("PUT answered 503 SlowDown", transient=True)


def test_a_whole_batch_is_one_put(bench: Any) -> None:
    assert bench.send([ride_event(number) for number in range(100)]) == []
    assert bench.bucket.puts == [f"predictions/{HOUR}/{SHARD}-{FIRST}.jsonl.gz"]
    assert [line["prediction"]["ride_id"] for line in bench.written("predictions")] == list(range(100))


def test_keys_and_order_of_objects(bench: Any) -> None:
    """Each kind is keyed by its own first record; predictions come last."""
    assert bench.send([POISON, COMPLETED, ride_event(), POISON]) == []
    assert bench.bucket.puts == [
        f"rejected/{HOUR}/{SHARD}-49000000000000000000001.jsonl.gz",
        f"actuals/{HOUR}/{SHARD}-49000000000000000000002.jsonl.gz",
        f"predictions/{HOUR}/{SHARD}-49000000000000000000003.jsonl.gz",
    ]
    assert len(bench.written("rejected")) == 2
    (actual,) = bench.written("actuals")
    assert (actual["ride_id"], actual["lpep_dropoff_datetime"]) == (7, "2023-03-01T09:00:00")


def test_a_batch_that_comes_again_overwrites_itself(bench: Any) -> None:
    for _ in range(2):
        bench.send([ride_event(), POISON, ride_event(2)])
    assert len(bench.written("predictions")) == 2
    assert len(bench.written("rejected")) == 1


def test_a_prediction_says_who_made_it_when_from_what(bench: Any) -> None:
    bench.send([ride_event("a", passenger_count=2, colour="green")])
    (line,) = bench.written("predictions")
    assert (line["model"], line["version"], line["sequence_number"]) == (MODEL, "1", FIRST)
    assert line["ride"] == {
        "PULocationID": 130,
        "DOLocationID": 205,
        "trip_distance": 3.66,
        "passenger_count": 2,
    }
    assert line["predicted_at"].endswith("+00:00")


@pytest.mark.parametrize("kind", ["rejected", "actuals", "predictions"])
def test_a_put_that_fails_brings_the_whole_batch_again(bench: Any, kind: str) -> None:
    payloads = [ride_event(), POISON, COMPLETED]
    bench.bucket.failing = {kind: THROTTLED}
    assert bench.send(payloads) == [FIRST]
    bench.bucket.failing = {}
    assert bench.send(payloads) == []
    assert [len(bench.written(kind)) for kind in ("rejected", "actuals", "predictions")] == [1, 1, 1]


def test_without_any_champion_the_batch_comes_again(bench: Any) -> None:
    pointer = bench.bucket.objects.pop(f"models/{MODEL}/champion.json")
    assert bench.send([ride_event()]) == [FIRST]
    bench.bucket.objects[f"models/{MODEL}/champion.json"] = pointer
    assert bench.send([ride_event()]) == []


def test_a_batch_without_rides_needs_no_champion(bench: Any) -> None:
    bench.bucket.objects.clear()
    assert bench.send([POISON, COMPLETED]) == []


def test_the_metrics_of_a_batch_are_one_line_of_embedded_metrics(
    bench: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.send([ride_event(), POISON, COMPLETED])
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in written if "_aws" in line]
    counts = {name: line[name] for name in ("Records", "Predicted", "Rejected", "Completed", "FailedBatches")}
    assert counts == {"Records": 3, "Predicted": 1, "Rejected": 1, "Completed": 1, "FailedBatches": 0}
    (definition,) = line["_aws"]["CloudWatchMetrics"]
    assert definition["Dimensions"] == [["service"]]
    assert {metric["Name"] for metric in definition["Metrics"]} <= line.keys()
    assert line["model_version"] == "1"
    assert line["BatchLatency"] > 0


def test_challenger_scores_its_share(bench: Any) -> None:
    """Beside the champion."""
    bench.bucket.objects |= bundle(booster(5), "2", alias="challenger")
    shadowed = type(bench)(bench.bucket, share=0.25, challenger="challenger")
    assert shadowed.send([ride_event(number) for number in range(1000)]) == []
    assert {line["version"] for line in shadowed.written("challenger")} == {"2"}
    assert 180 < len(shadowed.written("challenger")) < 320
    assert len(shadowed.written("predictions")) == 1000
    assert {line["version"] for line in shadowed.written("predictions")} == {"1"}


def test_a_broken_challenger_harms_no_prediction(bench: Any) -> None:
    shadowed = type(bench)(bench.bucket, share=1.0, challenger="challenger")
    assert shadowed.send([ride_event()]) == []
    assert len(shadowed.written("predictions")) == 1


def test_the_same_rides_are_the_same_bytes_but_for_the_time(bench: Any) -> None:
    bench.send([ride_event()])
    (first,) = [lines(bench.bucket.objects[key]) for key in bench.bucket.puts]
    bench.send([ride_event()])
    second = lines(bench.bucket.objects[bench.bucket.puts[-1]])
    assert [line | {"predicted_at": ""} for line in first] == [line | {"predicted_at": ""} for line in second]
