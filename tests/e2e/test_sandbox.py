"""The whole platform on this machine, as a newcomer runs it, on a small slice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ops.local.processes import Process, ProcessFile
from workloads.data.synthetic import generate

ROOT = Path(__file__).parents[2]
SUMMARY = {
    "data_source", "months", "train_rows", "train_seconds", "valid_rmse", "valid_mae", "linear_valid_rmse",
    "model_version", "events_sent", "predicted", "rejected", "dead_lettered", "lost", "duplicated",
    "rides_per_second", "resources_created", "resources_planned", "lambda_zip_mb", "stages",
}  # fmt: skip
# What a shell may have set: none of it may reach a run.
FOREIGN = {
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_PROFILE": "nowhere",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "MLFLOW_RUN_ID": "0123456789abcdef",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
    "PYTHONIOENCODING": "ascii:strict",
}


def start(output: Path, *words: str) -> "subprocess.Popen[str]":
    """Starts a sandbox of a few rides in a shell with foreign settings."""
    command = [sys.executable, "-m", "ops", "sandbox", "--events", "700", "--output", str(output), *words]
    return subprocess.Popen(
        ["env", "--default-signal=HUP", *command],  # under `nohup` tests ignore it, so would their children
        cwd=ROOT,
        env={**os.environ, **FOREIGN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def started(output: Path, count: int) -> list[Process]:
    """What a sandbox has started, once it is so many processes."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = [process for process in ProcessFile(output).read() if process.running()]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"{output} never had {count} processes")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's folder."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def killed(output: Path) -> list[Process]:
    """What a run that was killed left running."""
    process = start(output)
    servers = started(output, 2)
    process.kill()
    process.communicate()
    assert all(server.running() for server in servers)
    return servers


@pytest.fixture(scope="module")
def run(output: Path, killed: list[Process]) -> tuple[str, dict[str, Any]]:
    """A run over the one that was killed: what it printed and its summary."""
    process = start(output)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors + printed
    return printed, json.loads((output / "summary.json").read_text())


@pytest.mark.xdist_group("sandbox")
def test_summary(run: tuple[str, dict[str, Any]]) -> None:
    _, summary = run
    assert summary.keys() == SUMMARY
    assert summary["events_sent"] == 700
    assert summary["predicted"] + summary["rejected"] + summary["dead_lettered"] == 700
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    assert summary["predicted"] > 650


@pytest.mark.xdist_group("sandbox")
def test_model_and_data_source(
    run: tuple[str, dict[str, Any]],
) -> None:
    printed, summary = run
    assert summary["valid_rmse"] < summary["linear_valid_rmse"]
    given = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), "green_tripdata_2023-01.parquet")
    assert summary["data_source"] == "tlc" or not given.exists()
    assert ("synthetic" in printed) == (summary["data_source"] == "synthetic")


@pytest.mark.xdist_group("sandbox")
def test_report(run: tuple[str, dict[str, Any]]) -> None:
    printed, summary = run
    assert f"{summary['resources_created']} created" in printed
    assert f"{summary['resources_planned']} planned" in printed
    assert "mlops:index:Streaming" in printed


@pytest.mark.xdist_group("sandbox")
def test_interrupted_run_leaves_nothing_running(run: tuple[str, dict[str, Any]], output: Path) -> None:
    process = start(output)
    servers = started(output, 2)
    process.send_signal(signal.SIGHUP)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert errors.strip().endswith("interrupted; everything that was started has ended")
    assert not [server for server in servers if server.running()]


@pytest.mark.xdist_group("sandbox")
def test_next_run_ends_processes_of_a_killed_one(
    run: tuple[str, dict[str, Any]], killed: list[Process]
) -> None:
    assert not [server for server in killed if server.running()]


@pytest.mark.xdist_group("sandbox")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda trips: trips.slice(0, 0), "days of 2023-03 with 100 rides: got 0"),
        (lambda trips: trips.drop_columns("trip_distance"), "has no column trip_distance"),
        (None, "green_tripdata_2023-03.parquet does not exist"),
    ],
)
def test_unusable_month_is_named_before_anything_is_deployed(
    tmp_path: Path, change: Callable[[pa.Table], pa.Table] | None, message: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for month in ("2023-01", "2023-02", "2023-03"):
        path = generate(data, month)
        if month == "2023-03":
            pq.write_table(change(pq.read_table(path)), path) if change else path.unlink()
    process = start(tmp_path / "run", "--data", str(data))
    printed, errors = process.communicate()
    assert process.returncode == 1
    assert message in errors
    assert "2023-03" in errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert "+ deploy" not in printed
