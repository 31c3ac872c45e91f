"""Whatever a record holds, the handler returns and the record ends in exactly one object."""

import base64
import gzip
import json
import os
import random
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bundles import FEATURES, MODEL, RIDE, booster, bundle, data, ride_event
from tests.hostile import record
from workloads.training.features import Feature, matrix

SEED = int(os.environ.get("FUZZ_SEED", "1"))
FIRST = 49_000_000_000_000_000_000_001  # the sequence number of a batch's first record
KINDS = ("predictions", "rejected", "actuals")

Lines = dict[str, list[dict[str, Any]]]

REJECTED = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"ride_id": "\xff\xfe"}',
    "UTF-16": ride_event().decode().encode("utf-16"),
    "null": b"null",
    "a number": b"1e999",
    "a list": b"[]",
    "ride is a list": b'{"ride_id": 1, "ride": []}',
    "no ride": b'{"ride_id": 1}',
    "NaN distance": ride_event(trip_distance=float("nan")),
    "infinite distance": ride_event(trip_distance=float("inf")),
    "overflowing distance": ride_event().replace(b"3.66", b"1e999"),
    "distance beyond any float": ride_event().replace(b"3.66", b"1" + b"0" * 400),
    "integer beyond any limit": ride_event().replace(b"3.66", b"9" * 5000),
    "negative distance": ride_event(trip_distance=-0.01),
    "textual distance": ride_event(trip_distance="3.66"),
    "boolean distance": ride_event(trip_distance=True),
    "no distance": ride_event(trip_distance=None),
    "zone 0": ride_event(PULocationID=0),
    "zone 266": ride_event(PULocationID=266),
    "drop-off zone 0": ride_event(DOLocationID=0),
    "drop-off zone 266": ride_event(DOLocationID=266),
    "textual drop-off zone": ride_event(DOLocationID="205"),
    "textual zone": ride_event(PULocationID="130"),
    "boolean zone": ride_event(PULocationID=True),
    "fractional zone": ride_event(PULocationID=130.0),
    "huge zone": ride_event(PULocationID=10**30),
    "bad time": ride_event(lpep_pickup_datetime="yesterday"),
    "numeric time": ride_event(lpep_pickup_datetime=1),
    "a time with an offset": ride_event(lpep_pickup_datetime="2023-03-01T08:30:00-05:00"),
    "a time in UTC": ride_event(lpep_pickup_datetime="2023-03-01T08:30:00Z"),
    "a date without a time": ride_event(lpep_pickup_datetime="2023-03-01"),
    "negative passengers": ride_event(passenger_count=-1),
    "boolean passengers": ride_event(passenger_count=True),
    "no drop-off time": b'{"ride_id": 1, "event": "completed"}',
    "fractional passengers": ride_event(passenger_count=1.5),
    "null id": ride_event(None),
    "boolean id": ride_event(True),
    "fractional id": ride_event(1.5),
    "list id": ride_event([]),
    "object id": ride_event({}),
    "deep list": b"[" * 100_000,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "deep id": b'{"ride_id": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "a mebibyte of noise": b"\x00" * 2**20,
    "gzip of a ride": gzip.compress(ride_event()),
    "gzip bomb": gzip.compress(b" " * 2**26),
}
PREDICTED = {
    "flat": json.dumps({"ride_id": 256} | RIDE).encode(),
    "unknown keys": ride_event(colour="green"),
    "text id": ride_event("a"),
    "empty passengers": ride_event(passenger_count=None),
    "zone the model never saw": ride_event(PULocationID=265),
    "no distance travelled": ride_event(trip_distance=0),
    "subnormal distance": ride_event(trip_distance=5e-324),
    "a time": ride_event(lpep_pickup_datetime="2023-03-01T08:30:00"),
}


def assert_accounted(written: Lines, payloads: list[bytes]) -> None:
    """Every payload has one line; rejected ones are whole and say why."""
    rejected = written.get("rejected", [])
    assert sum(map(len, written.values())) == len(payloads)
    assert all(isinstance(line["reason"], str) and line["reason"] for line in rejected)
    kept = [base64.b64decode(line["data"]) for line in rejected]
    assert all(payload in payloads for payload in kept)
    numbers = [line["sequence_number"] for lines in written.values() for line in lines]
    assert len(set(numbers)) == len(payloads)


@pytest.mark.parametrize("name", REJECTED)
def test_bad_record_beside_a_good_one(predictor: Any, name: str) -> None:
    """It is rejected whole, and the good one predicted."""
    written = predictor([ride_event(), REJECTED[name]])
    assert [base64.b64decode(line["data"]) for line in written["rejected"]] == [REJECTED[name]]
    assert len(written["predictions"]) == 1


@pytest.mark.parametrize("name", PREDICTED)
def test_an_unusual_ride_is_predicted(predictor: Any, name: str) -> None:
    (line,) = predictor([PREDICTED[name]])["predictions"]
    assert line["prediction"]["ride_duration"] == pytest.approx(line["prediction"]["ride_duration"])


def test_the_zoomcamp_event_is_answered_in_its_own_shape(predictor: Any) -> None:
    (line,) = predictor([ride_event()])["predictions"]
    assert (line["model"], line["version"]) == ("ride_duration_prediction_model", "1")
    assert line["prediction"].keys() == {"ride_duration", "ride_id"}
    assert line["prediction"]["ride_id"] == 256


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [*RIDE, "lpep_pickup_datetime", "passenger_count"]
CHANGED = st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=3)
PAYLOADS = (
    st.binary(max_size=200)
    | ANY_JSON.map(lambda value: json.dumps(value).encode())
    | st.builds(lambda ride_id, changes: ride_event(ride_id, **changes), ANY_JSON, CHANGED)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=20))
def test_no_batch_raises_and_no_record_is_dropped(predictor: Any, payloads: list[bytes]) -> None:
    assert_accounted(predictor(payloads), payloads)


@pytest.mark.parametrize("part", range(4))
def test_hostile_records(bench: Any, part: int) -> None:
    """Each record ends in one line, and each prediction is what training's own code computes of that ride."""
    draw = random.Random(10 * SEED + part)
    model = booster()
    seen = dict.fromkeys(KINDS, 0)
    for _ in range(15):
        payloads = [record(draw) for _ in range(200)]
        bench.bucket.objects = dict(bundle(model, "1"))
        assert bench.send(payloads) == []
        written = {kind: bench.written(kind) for kind in KINDS}
        assert_accounted(written, payloads)
        assert_predictions(written["predictions"], payloads, model)
        seen = {kind: seen[kind] + len(written[kind]) for kind in KINDS}
    assert min(seen.values()) > 20, seen


def assert_predictions(lines: list[dict[str, Any]], payloads: list[bytes], model: Any) -> None:
    """The rides are those that were sent, and the minutes those of the xgboost package."""
    rides = pd.DataFrame([line["ride"] for line in lines])
    features = cast(list[Feature], FEATURES)
    blank = rides.assign(lpep_pickup_datetime=pd.Timestamp("NaT"), passenger_count=np.nan)
    expected = model.predict(data(matrix(blank, features, {}))).astype(float)
    np.testing.assert_array_equal([line["prediction"]["ride_duration"] for line in lines], expected)
    for line in lines:
        sent = json.loads(payloads[int(line["sequence_number"]) - FIRST])
        assert line["prediction"]["ride_id"] == sent["ride_id"]
        assert line["model"] == MODEL
        assert line["ride"].items() <= sent.get("ride", sent).items()
