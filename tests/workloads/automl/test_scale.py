"""Trainings that outgrow memory: the same results on disk and on Dask, and workers that are tasks of ECS."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import distributed
import pandas as pd
import pytest
from botocore.stub import Stubber

from tests.workloads.conftest import Month
from workloads.automl.scale import fargate
from workloads.automl.scale.cluster import work
from workloads.automl.scale.engines import Size, fit_on
from workloads.automl.scale.months import MonthParts, months_until
from workloads.data.months import MonthError, file_name
from workloads.data.quality import rides
from workloads.training import model as model_module
from workloads.training.errors import SettingError, TrainingError
from workloads.training.model import PARAMETERS, Model, fit, score

ROOT = Path(__file__).parents[3]
MONTH, LATER = "2023-01", "2023-02"
TOLERANCE = 0.01  # of the RMSE: Dask's workers draw other rows, and find other limits of the histograms' bins
REQUEST = {
    "cluster": "automl",
    "taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/worker:1",
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}},
}
SCHEDULER = "tcp://10.0.1.7:8786"


@pytest.fixture
def fit_with(month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Model]:
    """Fits by an engine on months, with few rounds."""
    monkeypatch.setattr(model_module, "MAX_ROUNDS", 25)

    def run(*months: str, **size: Any) -> Model:
        for each in months:
            link = tmp_path / file_name(each)
            link.symlink_to(month(each))
        parts = MonthParts(names=months, data=tmp_path, bucket="", allow_synthetic=True)
        return fit_on(parts, Size(months=len(months), **size))(PARAMETERS, lambda *_: None)

    return run


@pytest.fixture
def whole_month(month: Month) -> pd.DataFrame:
    return rides(month(MONTH), MONTH).frame


@pytest.fixture
def later(month: Month) -> pd.DataFrame:
    return rides(month(LATER), LATER).frame


def error_of(model: Model, rides: pd.DataFrame) -> float:
    return score(rides["minutes"].to_numpy(float), model.predict(rides)).rmse


@pytest.mark.parametrize("size", [{"engine": "external"}, {"engine": "dask", "workers": 2}], ids=str)
def test_an_engine_gives_the_same(
    fit_with: Callable[..., Model], whole_month: pd.DataFrame, later: pd.DataFrame, size: dict[str, Any]
) -> None:
    """On one month; external memory has the very same trees, Dask's error is within the tolerance."""
    found = fit_with(MONTH, **size)
    expected = fit(whole_month)
    tolerance = TOLERANCE if size["engine"] == "dask" else 1e-6
    assert error_of(found, later) == pytest.approx(error_of(expected, later), rel=tolerance)
    assert found.rides
    assert (found.rides.months, found.rides.rows) == ((MONTH,), len(whole_month))


def test_more_months_than_one(fit_with: Callable[..., Model], month: Month) -> None:
    """What the model was fitted on is known of it: every month, its checksum, and the first pickup."""
    found = fit_with(MONTH, LATER, engine="external").rides
    both = pd.concat([rides(month(each), each).frame for each in (MONTH, LATER)])
    assert found
    assert found.months == (MONTH, LATER)
    assert found.rows == len(both)
    assert found.start == both["lpep_pickup_datetime"].min()
    assert len({source["sha256"] for source in found.sources.values()}) == 2


def test_months_in_a_row() -> None:
    assert months_until("2023-02", 3) == ("2022-12", "2023-01", "2023-02")
    with pytest.raises(MonthError, match="from 20"):
        months_until("2020-01", 240)


def test_memory_holds_one_month(tmp_path: Path) -> None:
    parts = MonthParts(names=(MONTH, LATER), data=tmp_path, bucket="", allow_synthetic=True)
    with pytest.raises(SettingError, match="--months: got 2 with --engine memory"):
        fit_on(parts, Size(months=2))


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """ECS with answers, which botocore holds against its model of the service."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client: Any = boto3.client("ecs", aws_access_key_id="testing", aws_secret_access_key="testing")
    monkeypatch.setattr("workloads.automl.scale.fargate.boto3.client", lambda _service: client)
    with Stubber(client) as stub:
        yield stub


def asked(count: int) -> dict[str, Any]:
    override = {"name": "worker", "command": ["worker", SCHEDULER]}
    return {**REQUEST, "count": count, "overrides": {"containerOverrides": [override]}}


def test_workers_are_started_and_stopped(ecs: Stubber) -> None:
    """Ten in a request at most, and all are stopped even when the training fails."""
    tasks = [{"taskArn": f"arn:{number}"} for number in range(12)]
    ecs.add_response("run_task", {"tasks": tasks[:10], "failures": []}, asked(10))
    ecs.add_response("run_task", {"tasks": tasks[10:], "failures": []}, asked(2))
    for task in tasks:
        ecs.add_response(
            "stop_task",
            {"task": task},
            {"cluster": "automl", "task": task["taskArn"], "reason": "the training is over"},
        )
    with pytest.raises(ZeroDivisionError), fargate.workers(REQUEST, 12, SCHEDULER):
        raise ZeroDivisionError
    ecs.assert_no_pending_responses()


def test_no_capacity_for_workers(ecs: Stubber) -> None:
    """Those that have started are stopped again."""
    ecs.add_response("run_task", {"tasks": [{"taskArn": "arn:1"}], "failures": []}, asked(2))
    failures = [{"arn": "x", "reason": "Capacity is unavailable at this time"}]
    ecs.add_response("run_task", {"tasks": [], "failures": failures}, asked(1))
    ecs.add_response("stop_task", {"task": {}})
    with (
        pytest.raises(TrainingError, match=r"Capacity is unavailable .* with fewer"),
        fargate.workers(REQUEST, 2, SCHEDULER),
    ):
        pass
    ecs.assert_no_pending_responses()


def test_a_worker_whose_scheduler_was_killed_ends(tmp_path: Path) -> None:
    script = "import distributed, time; one = distributed.LocalCluster(n_workers=0, dashboard_address=None); "
    script += "print(one.scheduler_address, flush=True); time.sleep(600)"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as scheduler:
        assert scheduler.stdout
        address = scheduler.stdout.readline().strip()
        working = f"from workloads.automl.scale.cluster import work; work({address!r}, threads=1, folder='.')"
        environ = {"PYTHONPATH": str(ROOT), "PATH": ""}
        with subprocess.Popen([sys.executable, "-c", working], cwd=tmp_path, env=environ) as worker:
            with distributed.Client(address) as client:
                client.wait_for_workers(1, timeout=60)
                scheduler.kill()
            assert worker.wait(60) == 0


def test_a_worker_without_a_scheduler_ends(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as apart:  # asyncio.run leaves a thread without an event loop
        working = apart.submit(work, "tcp://127.0.0.1:1", threads=1, folder=str(tmp_path), patience_seconds=1)
        with pytest.raises(TrainingError, match=r"SCHEDULER: tcp://127.0.0.1:1 does not answer"):
            working.result()


def test_a_task_knows_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.1.7"]}]}

    class Metadata(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_words: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Metadata) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", f"http://127.0.0.1:{server.server_port}/v4/id")
        assert fargate.own_address() == "10.0.1.7"
        server.shutdown()
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", "")
    with pytest.raises(TrainingError, match="leave WORKER_RUN_TASK out"):
        fargate.own_address()
