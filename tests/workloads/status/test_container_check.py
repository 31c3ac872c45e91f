"""The script that containers run as their own health check."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workloads.status.conftest import Serve, answer
from tests.workloads.status.test_probe import AIRFLOW


@pytest.mark.parametrize(
    ("component", "code"), [([], 0), (["scheduler"], 0), (["dag_processor"], 1), (["triggerer"], 1)]
)
def test_one_component(serve: Serve, component: list[str], code: int) -> None:
    url = serve(answer(json.dumps(AIRFLOW | {"dag_processor": {"status": "unhealthy"}}).encode()))
    assert check(url, *component).returncode == code


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", None])
def test_no_answer_or_an_error(serve: Serve, url: str) -> None:
    done = check(url or serve(answer(b"", status="500 Error")))
    assert done.returncode == 1
    assert "http://127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the compose files call as `/platform/bin/check.py`."""
    script = Path(__file__).parents[3] / "workloads" / "images" / "bin" / "check.py"
    return subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
