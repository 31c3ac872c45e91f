"""Runs a variant in fresh processes and reads what it measured."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
MODULES = {"peer": "peer", "numpy": "numpy_way", "ours": "ours", "bare": "bare"}
BUCKET = "benchmark"


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


def measure(variant: str, folder: Path, environment: dict[str, str], repeats: int) -> dict[str, float]:
    """A variant's figures; times are medians."""
    loads = [run(variant, "load", folder, environment)[0]["import_load_ms"] for _ in range(repeats)]
    colds = [run(variant, "cold", folder, environment) for _ in range(repeats)]
    batches = run(variant, "batches", folder, environment)[0]["batches_us"]
    figures = {
        "import_load_ms": statistics.median(loads),
        "cold_start_ms": statistics.median(seconds for _, seconds in colds) * 1000,
        "peak_rss_mb": max(found["peak_rss_mb"] for found, _ in colds),
    }
    for size, timings in batches.items():
        figures[f"batch{size}_us"] = statistics.median(timings)
        figures[f"batch{size}_p99_us"] = timings[min(len(timings) - 1, int(0.99 * len(timings)))]
    return {name: round(value, 2) for name, value in figures.items()}
