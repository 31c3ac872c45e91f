"""The native library gives the numbers of the xgboost package, bit for bit."""

import os
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

import booster as scoring
from booster import Booster, BoosterError
from tests.bundles import ZONES, booster, data

EDGES = [0.0, -0.0, 5e-324, 1.17549435e-38, 1e-45, 3.4e38, -3.4e38, np.nan]


def near_thresholds(model: xgboost.Booster) -> list[np.float32]:
    """Every numeric split of the model, one float below it, and one above."""
    table = model.trees_to_dataframe()
    splits = table.loc[table.Feature == "f2", "Split"].dropna().unique().astype(np.float32)
    infinity = np.float32(np.inf)
    return [
        x for split in splits for x in (split, np.nextafter(split, -infinity), np.nextafter(split, infinity))
    ]


def rows(model: xgboost.Booster) -> np.ndarray[Any, Any]:
    """Every zone, listed or not, missing values and edges, with every threshold and its neighbours."""
    distances = np.array([*near_thresholds(model), *EDGES], dtype=np.float32)
    random = np.random.default_rng(3)
    zones = np.array([*range(len(ZONES)), len(ZONES), 264, np.nan], dtype=np.float32)
    count = 40 * len(distances)
    return np.column_stack(
        [random.choice(zones, count), random.choice(zones, count), np.tile(distances, 40)]
    ).astype(np.float32)


@pytest.mark.parametrize("rounds", [1, 20, 300])
def test_predictions_are_bit_identical_at_every_threshold(rounds: int) -> None:
    model = booster(rounds)
    matrix = rows(model)
    expected = model.predict(data(matrix))
    lean = Booster(bytes(model.save_raw("ubj")))
    found = np.array(lean.predict(array("f", matrix.ravel().tolist()), 3), dtype=np.float32)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("parameters", [{"max_cat_to_onehot": 1}, {"max_cat_to_onehot": 100}])
def test_other_kinds_of_trees_are_bit_identical_too(parameters: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    matrix = np.column_stack([random.integers(0, 7, (900, 2)), random.gamma(2, 2, 900)]).astype(np.float32)
    model = xgboost.train({"nthread": 1, **parameters}, data(matrix, matrix[:, 2] * 3), 12)
    lean = Booster(bytes(model.save_raw("ubj")))
    found = np.array(lean.predict(array("f", matrix.ravel().tolist()), 3), dtype=np.float32)
    assert found.tobytes() == model.predict(data(matrix)).tobytes()


def test_a_matrix_of_another_width_is_refused() -> None:
    lean = Booster(bytes(booster().save_raw("ubj")))
    with pytest.raises(BoosterError):
        lean.predict(array("f", [1.0, 2.0]), 2)


@pytest.mark.parametrize("model", [b"", b"{}", b"no model", b"\x00" * 100])
def test_what_is_no_model_is_refused(model: bytes) -> None:
    with pytest.raises(BoosterError):
        Booster(model)


def test_frees_what_xgboost_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that follows many versions must not grow with each."""
    freed: list[str] = []
    monkeypatch.setattr(scoring, "finalize", lambda _, function, __: freed.append(function.__name__))
    Booster(bytes(booster(1).save_raw("ubj")))
    assert freed == ["XGBoosterFree", "XGDMatrixFree"]


def test_message_is_without_a_stack_trace() -> None:
    with pytest.raises(BoosterError) as refused:
        Booster(b"{}")
    assert "Stack trace" not in str(refused.value)
    assert "json" in str(refused.value).lower()


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ImportError, match=r"^libxgboost.so is missing: build the package"):
        scoring._load()


def test_reading_a_model_starts_no_threads(tmp_path: Path) -> None:
    """XGBoost would start one for each core, which keep it busy while they wait for each other."""
    model = tmp_path / "model.ubj"
    model.write_bytes(booster(9).save_raw("ubj"))
    script = (
        "import os, sys; from pathlib import Path; from booster import Booster\n"
        "Booster(Path(sys.argv[1]).read_bytes())\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(model)], env={**os.environ, "OMP_NUM_THREADS": "4",
        "PYTHONPATH": "lambda"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "1\n"
