"""`python -m workloads.data`: what it prints and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workloads.data import synthetic
from workloads.data.months import file_name

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command() -> Command:
    """Runs `python -m workloads.data`."""

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "workloads.data", *words], capture_output=True, text=True, check=False
        )

    return run


def test_command_prints_json(command: Command, tmp_path: Path) -> None:
    synthetic.generate(tmp_path, "2023-01")
    done = command("fetch", "2023-01", "--data", str(tmp_path), "--allow-synthetic", "--json")
    assert json.loads(done.stdout)["files"] == {"2023-01": str(tmp_path / file_name("2023-01"))}


def test_command_prints_errors_in_one_line(command: Command, tmp_path: Path) -> None:
    done = command("fetch", "2012-01", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "data: month: got '2012-01', allowed: YYYY-MM from 2016-07 on, like 2023-01"


def test_command_checks_the_content(command: Command, tmp_path: Path) -> None:
    """The months of a folder that were renamed, and a file without any rows."""
    synthetic.generate(tmp_path, "2023-01").rename(tmp_path / file_name("2023-02"))
    done = command("fetch", "2023-02", "--data", str(tmp_path), "--allow-synthetic")
    assert (done.returncode, done.stdout) == (1, "")
    assert "trips outside 2023-02: got 100.00%, required: at most 1%" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
