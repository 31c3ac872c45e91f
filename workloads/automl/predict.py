"""The last task: score files that may be larger than memory, part by part, and go on after a kill.

What is left behind is the same, byte for byte, whether the task was interrupted or not: the version is fixed
before the first part, parts begin at the same rows, and each is written as a whole. Once all is scored, the
next run scores again if another version has become the current one.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workloads.automl.bucket import Bucket
from workloads.automl.models import current_version, load
from workloads.automl.places import SUFFIXES, Place
from workloads.automl.rows import parts
from workloads.data.dataset import GREEN
from workloads.training.bundle import Bundle
from workloads.training.errors import SettingError

PART_ROWS = 250_000
JOB, SUMMARY = "job.json", "summary.json"
_SCHEMA = 1

Progress = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """What to score, by which model, and where the predictions go."""

    source: Place
    target: Place
    bucket: Bucket
    model_name: str
    model_alias: str
    part_rows: int = PART_ROWS


def predict(job: Scoring, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Scores every Parquet and CSV file of the source; gives the summary that is written last.

    A row that is no ride (see `rides_of`) has a null for its prediction.

    Raises:
        workloads.data.months.DataError: a file cannot be read.
        TrainingError: the model or a place cannot be used; SettingError where the target holds other work.
    """
    files = {name: tag for name, tag in job.source.list().items() if name.endswith(SUFFIXES)}
    if not files:
        raise SettingError(f"--input: holds no file that ends in {' or '.join(SUFFIXES)}")
    if job.source.holds(job.target):
        raise SettingError("--output: lies within --input, and would be scored too; choose another place")
    begun, finished = _begin(job, files)
    if finished:
        return finished
    done = job.target.list()
    bundle = load(job.bucket, job.model_name, begun["version"])
    totals = {"rows": 0, "scored": 0}
    lengths = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in files:
            path = job.source.fetch(name, Path(scratch) / "input")
            for number, frame in enumerate(parts(path, job.part_rows)):
                part = f"version={begun['version']}/{name}-{number:06}.parquet"
                rides = rides_of(frame)
                totals["rows"] += len(frame)
                totals["scored"] += int(rides.sum())
                if part not in done:
                    written = Path(scratch) / "part.parquet"
                    _write(written, frame, rides, bundle, first=number * job.part_rows)
                    job.target.store(part, written)
                lengths[part] = len(frame)
                progress(part, totals["rows"])
    summary = {**begun, **totals, "parts": lengths}
    job.target.write(SUMMARY, json.dumps(summary, indent=1).encode())
    return summary


def rides_of(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are rides that the predictor would accept: its rules are those of a ride event."""
    miles, passengers = frame["trip_distance"], frame["passenger_count"]
    accepted = (miles >= 0) & (miles <= np.finfo(np.float32).max)
    accepted &= passengers.isna() | ((passengers >= 0) & (passengers % 1 == 0))
    for zone in (frame["PULocationID"], frame["DOLocationID"]):
        accepted &= (zone >= 1) & (zone <= GREEN.rules.max_zone) & (zone % 1 == 0)
    found: NDArray[np.bool_] = accepted.to_numpy(bool)
    return found


def _begin(job: Scoring, files: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What this work is, and its summary if nothing is left to do; an interrupted one keeps its version."""
    inputs = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    begun: dict[str, Any] = json.loads(job.target.read(JOB) or b"{}")
    if begun and (begun.get("inputs"), begun.get("part_rows")) != (inputs, job.part_rows):
        raise SettingError("--output: holds predictions of other files; choose another place")
    finished: dict[str, Any] = json.loads(job.target.read(SUMMARY) or b"{}")
    if begun and finished.get("version") != begun["version"]:
        return begun, {}
    version = current_version(job.bucket, job.model_name, job.model_alias)
    if begun and begun["version"] == version:
        return begun, finished
    begun = {
        "schema": _SCHEMA,
        "model": job.model_name,
        "version": version,
        "inputs": inputs,
        "part_rows": job.part_rows,
    }
    job.target.write(JOB, json.dumps(begun).encode())
    return begun, {}


def _write(path: Path, frame: pd.DataFrame, rides: NDArray[np.bool_], bundle: Bundle, *, first: int) -> None:
    minutes = np.full(len(frame), np.nan, np.float32)
    if rides.any():
        minutes[rides] = bundle.predict(frame[rides])
    columns: dict[str, Any] = {
        "row": pa.array(np.arange(first, first + len(frame))),
        "ride_duration": pa.array(minutes, pa.float32(), mask=~rides),  # minutes
    }
    if "ride_id" in frame:
        columns["ride_id"] = pa.array(frame["ride_id"], pa.string())
    named = {"model": bundle.name, "version": bundle.version}
    pq.write_table(pa.table(columns).replace_schema_metadata(named), path, compression="zstd")
