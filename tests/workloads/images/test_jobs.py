"""The workers' jobs, with real processes on a real folder: each is run once, and none is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.common.paths import IMAGES

SCRIPT = IMAGES / "workstation" / "host" / "jobs.py"
FOLDERS = ("waiting", "running", "done", "failed", "logs")


class Shared:
    """The folder that workers share, and the workers of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._workers: list[subprocess.Popen[bytes]] = []
        for name in FOLDERS:
            (folder / "jobs" / name).mkdir(parents=True)
        leave = folder / "leave.sh"
        leave.write_text(f"#!/bin/sh\necho left >> {folder}/left\n")
        leave.chmod(0o755)
        self._environment = {
            **os.environ,
            "IDLE_MINUTES": "0",
            "LEASE_SECONDS": "300",
            "LEAVE": str(leave),
            "PAUSE_SECONDS": "0.05",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SHARED_FOLDER": str(folder),
        }

    def put(self, name: str, text: str) -> "subprocess.CompletedProcess[str]":
        script = self.folder / name
        script.write_text(text)
        return subprocess.run(
            [sys.executable, SCRIPT, "put", script],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def worker(self, **more: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([sys.executable, SCRIPT, "work"], env={**self._environment, **more})
        self._workers.append(process)
        return process

    def count(self, folder: str) -> int:
        return len(list((self.folder / "jobs" / folder).iterdir()))

    def log(self) -> str:
        return "".join(path.read_text() for path in (self.folder / "jobs" / "logs").iterdir())

    def stop(self) -> None:
        for one in self._workers:
            one.kill()
            one.wait()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    made = Shared(tmp_path)
    yield made
    made.stop()


def test_each_job_is_run_once(shared: Shared) -> None:
    """By one of two workers; what it prints is kept, and what fails is told apart."""
    for number in range(6):
        assert shared.put(f"job{number}.py", f"open('{shared.folder}/ran', 'a').write('{number}')").stdout
    shared.put("broken.sh", "echo why >&2; exit 3")
    workers = [shared.worker() for _ in range(2)]
    until(lambda: shared.count("done") == 6 and shared.count("failed") == 1)
    assert sorted((shared.folder / "ran").read_text()) == list("012345")
    assert "why" in shared.log()
    assert "exit code 3" in shared.log()
    assert [one.poll() for one in workers] == [None, None]


def test_a_worker_that_ends_gives_its_job_back(shared: Shared) -> None:
    """The job is told, too, and may write down where it is."""
    shared.put("long.sh", f"trap 'touch {shared.folder}/told; exit 1' TERM; touch {shared.folder}/began\n"
               "while :; do sleep 0.05; done")  # fmt: skip
    worker = shared.worker()
    until((shared.folder / "began").exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    assert (shared.folder / "told").exists()
    assert [shared.count(one) for one in ("waiting", "running")] == [1, 0]


def test_a_lost_workers_job_is_run_again(shared: Shared) -> None:
    """Once its lease is over, which a worker that lives renews."""
    began = shared.folder / "began"
    shared.put("long.sh", f"echo x >> {began}\n[ $(wc -l < {began}) = 1 ] && sleep 600\n:")
    lost = shared.worker(LEASE_SECONDS="3")
    until(began.exists)
    (job,) = (shared.folder / "jobs" / "running").iterdir()
    os.utime(job, (1, 1))
    until(lambda: job.stat().st_mtime > 1)
    lost.kill()
    lost.wait()
    os.utime(job, (1, 1))
    shared.worker()
    until(lambda: shared.count("done") == 1)
    assert began.read_text() == "x\nx\n"


def test_an_idle_worker_leaves_the_group(shared: Shared) -> None:
    """And goes on where AWS keeps it as one of the least."""
    worker = shared.worker(IDLE_MINUTES="0.002")
    left = shared.folder / "left"
    until(lambda: left.exists() and left.read_text().count("left") > 1)
    shared.put("job.sh", "true")
    until(lambda: shared.count("done") == 1)
    assert worker.poll() is None


def test_only_scripts_are_jobs(shared: Shared) -> None:
    """Whether put there by the command or by hand."""
    done = shared.put("data.csv", "x")
    assert (done.returncode, shared.count("waiting")) == (2, 0)
    assert "allowed: a script that ends in .py or .sh" in done.stderr
    (shared.folder / "jobs" / "waiting" / "1-data.csv").write_text("x")
    shared.worker()
    until(lambda: shared.count("failed") == 1)
    assert "allowed: .py and .sh" in shared.log()
