"""A damaged bundle whose checksums fit is refused, or serves what training's own code predicts with it."""

import hashlib
import json
import os
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from model_file import Features, ModelFileError, read_features
from tests.bundles import MODEL, NAMES, TYPES, booster, bundle, ride_event
from tests.hostile import damaged
from workloads.training.bundle import Bundle

SEED = int(os.environ.get("FUZZ_SEED", "1"))
POINTER = f"models/{MODEL}/champion.json"
MODEL_KEY = f"models/{MODEL}/versions/2/model.ubj"
MANIFEST_KEY = f"models/{MODEL}/versions/2/manifest.json"
NEWER = bundle(booster(3), "2")
RIDES = pd.DataFrame(
    [(1, 7, 0.0), (42, 265, 3.4e38), (205, 205, 2.5), (264, 74, 11.25), (130, 75, 5e-324), (7, 1, 4.0)],
    columns=["PULocationID", "DOLocationID", "trip_distance"],
).assign(lpep_pickup_datetime=pd.Timestamp("NaT"), passenger_count=np.nan)
EVENTS = [
    ride_event(number, **dict(zip(NAMES, row, strict=True)))
    for number, row in enumerate(RIDES[NAMES].itertuples(index=False))
]


def with_fitting_checksums(model: bytes, manifest: bytes) -> dict[str, bytes]:
    """Version 2 with these bytes, and a pointer that vouches for them."""
    pointer = json.loads(NEWER[POINTER]) | {
        "model_sha256": hashlib.sha256(model).hexdigest(),
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
    }
    return {MODEL_KEY: model, MANIFEST_KEY: manifest, POINTER: json.dumps(pointer).encode()}


class Serving:
    """A predictor, and the predictions that it has to make."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench
        self.minutes = self._predict()

    def offer(self, objects: dict[str, bytes]) -> bool:
        """Whether the predictor takes version 2 up; it must go on with what it has, or serve this exactly."""
        self._bench.bucket.objects |= objects
        self._bench.now += 60
        found = self._predict()
        pointer = self._bench.champion.model().pointer
        taken: bool = pointer.model_sha256 == hashlib.sha256(objects[MODEL_KEY]).hexdigest()
        taken &= pointer.manifest_sha256 == hashlib.sha256(objects[MANIFEST_KEY]).hexdigest()
        if taken:
            own = Bundle(model=objects[MODEL_KEY], manifest=objects[MANIFEST_KEY]).predict(RIDES)
            self.minutes = own.astype(float).tolist()
        np.testing.assert_array_equal(found, self.minutes)
        return taken

    def _predict(self) -> list[float]:
        assert self._bench.send(EVENTS) == []
        return [line["prediction"]["ride_duration"] for line in self._bench.written("predictions")]


def test_features() -> None:
    assert read_features(NEWER[MODEL_KEY]) == Features(NAMES, TYPES)


OTHER_MODELS: dict[str, dict[str, Any]] = {
    "several outputs": {"objective": "multi:softprob", "num_class": 3},
    "another booster": {"booster": "gblinear"},
    "several trees a round": {"num_parallel_tree": 2},
    "dropped trees": {"booster": "dart"},
}


@pytest.mark.parametrize("kind", OTHER_MODELS)
def test_refuses_other_models(kind: str) -> None:
    matrix = np.arange(90, dtype=np.float32).reshape(30, 3)
    train = xgboost.DMatrix(matrix, np.arange(30) % 3, feature_names=NAMES)
    model = xgboost.train({"nthread": 1, **OTHER_MODELS[kind]}, train, 2)
    with pytest.raises(ModelFileError, match="model file"):
        read_features(bytes(model.save_raw("ubj")))


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("name", b"gbtree", b"gbtrex"),
        ("num_class", b"0", b"2"),
        ("num_target", b"1", b"2"),
        ("num_feature", b"3", b"4"),
        ("num_parallel_tree", b"1", b"2"),
        ("num_trees", b"1", b"2"),
    ],
)
def test_refuses_another_parameter(name: str, value: bytes, other: bytes) -> None:
    """A text in UBJSON is `S`, the type of its length, which is `L` for eight bytes, and the length."""
    before = name.encode() + b"SL" + len(value).to_bytes(8, "big")
    model = bytes(booster(1).save_raw("ubj"))
    assert read_features(model)
    assert before + value in model
    with pytest.raises(ModelFileError, match="model file"):
        read_features(model.replace(before + value, before + other))


def test_refuses_json() -> None:
    with pytest.raises(ModelFileError, match="model file"):
        read_features(bytes(booster(1).save_raw("json")))


@pytest.mark.parametrize("part", range(4))
def test_damaged_models(bench: Any, part: int) -> None:
    draw, serving = random.Random(10 * SEED + part), Serving(bench)
    models = [damaged(NEWER[MODEL_KEY], draw) for _ in range(500)]
    taken = [serving.offer(with_fitting_checksums(model, NEWER[MANIFEST_KEY])) for model in models]
    assert 10 < sum(taken) < 250, "some damage is in what nothing follows, like the gain of a split"


def test_damaged_manifests(bench: Any) -> None:
    draw, serving = random.Random(SEED), Serving(bench)
    manifests = [damaged(NEWER[MANIFEST_KEY], draw) for _ in range(500)]
    taken = [serving.offer(with_fitting_checksums(NEWER[MODEL_KEY], manifest)) for manifest in manifests]
    assert 10 < sum(taken) < 250


def test_damaged_pointers(bench: Any) -> None:
    draw, serving = random.Random(SEED), Serving(bench)
    for _ in range(250):
        serving.offer(NEWER | {POINTER: damaged(NEWER[POINTER], draw)})


def test_bits_of_a_model(bench: Any) -> None:
    """One bit of every thirteenth byte is flipped, so that each part of the smallest model has its turn."""
    model = bundle(booster(1), "2")[MODEL_KEY]
    small, serving = bundle(booster(1), "2"), Serving(bench)
    for place in range(SEED % 13, len(model), 13):
        flipped = bytearray(model)
        flipped[place] ^= 1 << place % 8
        serving.offer(with_fitting_checksums(bytes(flipped), small[MANIFEST_KEY]))
