"""Runs a variant in fresh processes and reads what it measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
MODULES = {"peer": "peer", "numpy": "numpy_way", "ours": "ours", "bare": "bare"}
BUCKET = "benchmark"
BATCH_TURNS = 3
Samples = dict[str, list[float]]


def run(variant: str, mode: str, folder: Path, environment: dict[str, str]) -> tuple[dict[str, Any], float]:
    """What one process measured, and how many seconds it took from its start to its end."""
    # Ours and a bare interpreter see the standard library alone, as a function does.
    bare = ["-I", "-S", "-B"] if variant in ("ours", "bare") else []
    module = MODULES[variant]
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *bare, str(WORKER), module, mode, str(folder)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.perf_counter() - started
    return json.loads((folder / f"{module}-{mode}.json").read_text()), seconds


def measure(
    variants: Sequence[str], folder: Path, environment: dict[str, str], repeats: int
) -> dict[str, dict[str, float]]:
    """The figures of each variant; times are medians.

    The variants take turns, so that whatever else the machine does in these minutes meets all of them.
    """
    loads: Samples = {name: [] for name in variants}
    colds: Samples = {name: [] for name in variants}
    peaks: Samples = {name: [] for name in variants}
    batches: dict[str, dict[str, list[float]]] = {name: {} for name in variants}
    for turn in range(repeats):
        for name in variants:
            loads[name].append(run(name, "load", folder, environment)[0]["import_load_ms"])
            found, seconds = run(name, "cold", folder, environment)
            colds[name].append(seconds * 1000)
            peaks[name].append(found["peak_rss_mb"])
            if turn % (repeats // BATCH_TURNS or 1) == 0:
                for size, timings in run(name, "batches", folder, environment)[0]["batches_us"].items():
                    batches[name].setdefault(size, []).extend(timings)
    return {
        name: {
            "import_load_ms": _rounded(loads[name]),
            "cold_start_ms": _rounded(colds[name]),
            "peak_rss_mb": round(max(peaks[name]), 2),
            **{f"batch{size}_us": _rounded(timings) for size, timings in batches[name].items()},
            **{f"batch{size}_p99_us": _rounded(timings, 0.99) for size, timings in batches[name].items()},
        }
        for name in variants
    }


def _rounded(timings: list[float], share: float = 0.5) -> float:
    """The value that so many of the timings lie below."""
    return round(sorted(timings)[min(len(timings) - 1, int(share * len(timings)))], 2)
