"""How the function follows the champion: a good bundle is swapped in, a bad one never is."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
import xgboost

from bundle import BundleError, load, read_pointer
from store import StoreError
from tests.bundles import FEATURES, MODEL, RIDE, ZONES, booster, bundle, ride_event

POINTER = f"models/{MODEL}/champion.json"
MODEL_KEY = f"models/{MODEL}/versions/2/model.ubj"
MANIFEST_KEY = f"models/{MODEL}/versions/2/manifest.json"


def serve(bench: Any) -> str:
    """The version that predicts now."""
    assert bench.send([ride_event()]) == []
    version: str = bench.written("predictions")[0]["version"]
    return version


def newer(**changes: Any) -> dict[str, bytes]:
    """The bundle of version 2."""
    return bundle(booster(5), "2", **changes)


def test_newer_champion_serves_after_the_next_check(bench: Any) -> None:
    """Not before."""
    assert bench.champion.take_failures() == 0
    assert serve(bench) == "1"
    bench.bucket.objects |= newer()
    bench.now = 59
    assert serve(bench) == "1"
    bench.now = 60
    assert serve(bench) == "2"


def test_unchanged_pointer_is_one_conditional_get(bench: Any) -> None:
    """In each period."""
    serve(bench)
    bench.bucket.gets.clear()
    for bench.now in range(0, 121, 10):
        serve(bench)
    assert bench.bucket.gets == [POINTER, POINTER]


def without(key: str) -> dict[str, bytes]:
    """Version 2 with an object missing."""
    return {name: body for name, body in newer().items() if name != key}


def replaced(key: str, body: bytes) -> dict[str, bytes]:
    """Version 2 with another object in the place of one."""
    return newer() | {key: body}


def pointing(**changes: Any) -> dict[str, bytes]:
    """Version 2 with changes to its pointer; None takes a field away."""
    pointer = json.loads(newer()[POINTER]) | changes
    kept = {name: value for name, value in pointer.items() if value is not None}
    return replaced(POINTER, json.dumps(kept).encode())


def renamed(version: str) -> dict[str, bytes]:
    """Version 2, whose manifest says another one, with a checksum that fits."""
    manifest = newer()[MANIFEST_KEY].replace(b'"version": "2"', b'"version": "%s"' % version.encode())
    return pointing(manifest_sha256=hashlib.sha256(manifest).hexdigest()) | {MANIFEST_KEY: manifest}


EVENT = {"ride_id": 1, "ride": RIDE}
COMPLETED = {"ride_id": 1, "event": "completed", "lpep_dropoff_datetime": "2023-03-01T09:00:00"}
MODEL_BYTES = newer()[MODEL_KEY]


def annotated() -> bytes:
    """The model of version 2 with a note, which no prediction depends on."""
    model = booster(5)
    model.set_attr(note="x")
    return bytes(model.save_raw("ubj"))


BROKEN = {
    "a model of another checksum": replaced(MODEL_KEY, annotated()),
    "a manifest of another checksum": replaced(MANIFEST_KEY, newer(metrics={})[MANIFEST_KEY]),
    "no model": without(MODEL_KEY),
    "no manifest": without(MANIFEST_KEY),
    "a damaged model": replaced(MODEL_KEY, MODEL_BYTES[:-1] + b"?"),
    "a truncated model": replaced(MODEL_KEY, MODEL_BYTES[:100]),
    "an empty model": replaced(MODEL_KEY, b""),
    "a damaged manifest": replaced(MANIFEST_KEY, newer()[MANIFEST_KEY].replace(b"numeric", b"nemeric")),
    "a pointer that is not valid JSON": replaced(POINTER, b"{"),
    "another schema": pointing(schema=2),
    "another model's pointer": pointing(name="other"),
    "a pointer without checksum": pointing(model_sha256=None),
    "a pointer with a number for a key": pointing(model_key=1),
    "a model outside its folder": pointing(model_key="predictions/x"),
    "another version's model": pointing(model_key=f"models/{MODEL}/versions/1/model.ubj"),
    "another version's folder": pointing(version="3"),
    "a manifest outside its folder": pointing(manifest_key=f"models/{MODEL}/manifest.json"),
    "an unknown feature": newer(features=[*FEATURES[:2], {"name": "fare_amount", "type": "numeric"}]),
    "a feature too few": newer(features=FEATURES[:2]),
    "features in another order": newer(features=[FEATURES[2], *FEATURES[:2]]),
    "a zone as a number": newer(features=[{"name": "PULocationID", "type": "numeric"}, *FEATURES[1:]]),
    "another smoke prediction": newer(smoke={"events": [EVENT], "predictions": [1.0]}),
    "no smoke prediction": newer(smoke={"events": [], "predictions": []}),
    "a smoke event that is refused": newer(smoke={"events": [{}], "predictions": [1.0]}),
    "a finished ride as smoke event": newer(smoke={"events": [COMPLETED], "predictions": [1.0]}),
    "encoded rows for events": newer(smoke={"rows": [[5, 6, 3.66]], "predictions": [1.0]}),
    "swapped zones": newer(features=[FEATURES[1], FEATURES[0], FEATURES[2]]),
    "swapped categories": newer(features=[{**FEATURES[0], "categories": [7, 1, *ZONES[2:]]}, *FEATURES[1:]]),
    "categories as text": newer(features=[{**FEATURES[0], "categories": list("1234567")}, *FEATURES[1:]]),
    "a manifest of another version": renamed("3"),
    "no features": newer(features=None),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_bundle_is_counted(bench: Any, capsys: pytest.CaptureFixture[str], what: str) -> None:
    """The last good one goes on serving."""
    serve(bench)
    bench.bucket.objects |= BROKEN[what]
    bench.now = 60
    capsys.readouterr()
    assert serve(bench) == "1"
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["ModelRefreshFailures"] for line in written if "_aws" in line] == [1]
    [failed] = [line for line in written if "refresh failed" in line.get("message", "")]
    assert (failed["level"], failed["alias"], failed["model_version"]) == ("ERROR", "champion", "1")
    bench.bucket.objects |= newer()
    bench.now = 120
    assert serve(bench) == "2", "a repaired bundle is taken up at the next check"


def test_zones_of_the_manifest(bench: Any) -> None:
    """A model of what lies between zones gets their places from its own manifest."""
    matrix = np.arange(20, dtype=np.float32).reshape(20, 1)
    train = xgboost.DMatrix(matrix, 2 * matrix[:, 0], feature_names=["straight_miles"], feature_types=["q"])
    model = xgboost.train({"nthread": 1}, train, 3)
    features = [{"name": "straight_miles", "type": "numeric"}]
    place = xgboost.DMatrix(np.array([[5.0]]), feature_names=["straight_miles"], feature_types=["q"])
    smoke = {"events": [EVENT], "predictions": model.predict(place).astype(float).tolist()}
    zones = {"130": [0.0, 0.0], "205": [3.0, 4.0]}
    objects, content = newer(features=features, zones=zones, smoke=smoke), bytes(model.save_raw("ubj"))
    pointer = json.loads(objects[POINTER]) | {"model_sha256": hashlib.sha256(content).hexdigest()}
    bench.bucket.objects |= objects | {MODEL_KEY: content, POINTER: json.dumps(pointer).encode()}
    assert serve(bench) == "2"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "the pointer is not valid JSON: "),
        (b"[]", f"the pointer is not of schema 1 and model '{MODEL}'"),
        (newer()[MANIFEST_KEY], "the pointer has no 'model_key'"),
    ],
)
def test_message_of_a_pointer(body: bytes, message: str) -> None:
    with pytest.raises(BundleError) as caught:
        read_pointer(body, MODEL)
    assert str(caught.value).startswith(message)


def test_message_of_a_manifest(bench: Any) -> None:
    body = b"[]"
    pointer = read_pointer(pointing(manifest_sha256=hashlib.sha256(body).hexdigest())[POINTER], MODEL)
    bench.bucket.objects[MANIFEST_KEY] = body
    with pytest.raises(BundleError, match=r"^the manifest is not of schema 1 and model"):
        load(bench.bucket, pointer, MODEL)


def test_a_throttled_check_is_no_broken_bundle(bench: Any) -> None:
    serve(bench)
    bench.bucket.objects |= newer()
    bench.bucket.failing = {POINTER: StoreError("GET answered 503 SlowDown", transient=True)}
    bench.now = 60
    assert serve(bench) == "1"
    assert bench.champion.take_failures() == 0
    bench.bucket.failing = {}
    bench.now = 120
    assert serve(bench) == "2"


def test_log_of_a_first_model(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """That it could not be loaded, when no other is there, and that it serves."""
    pointer = bench.bucket.objects.pop(POINTER)
    assert len(bench.send([ride_event()])) == 1
    bench.bucket.objects[POINTER] = pointer
    bench.now = 60
    serve(bench)
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    lines = [(line["level"], line["model_version"]) for line in written if "alias" in line]
    assert lines == [("ERROR", None), ("INFO", "1")]


def test_a_rolled_back_pointer_serves_the_older_version(bench: Any) -> None:
    older = bench.bucket.objects[POINTER]
    bench.bucket.objects |= newer()
    assert serve(bench) == "2"
    bench.bucket.objects[POINTER] = older
    bench.now = 60
    assert serve(bench) == "1"
