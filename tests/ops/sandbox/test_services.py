"""What a sandbox starts, it ends: on Ctrl-C, on an error, and after it was killed itself."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.sandbox.errors import SandboxError
from ops.sandbox.processes import Process, Record, began, end
from ops.sandbox.services import ROOT, Children

RUN = """
import sys, time
from pathlib import Path
from ops.sandbox.services import Children
with Children(Path(sys.argv[1])) as children:
    moto = children.serve("moto", "ops.sandbox.moto_server", health="/moto-api/", environment={})
    children.wait(moto)
    print("up", flush=True)
    time.sleep(60)
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], Process]:
    """A sandbox of its own with one service, and that service."""
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    assert run.stdout.readline() == "up\n"
    return run, Record(folder).read()[0]


def test_ctrl_c_ends_the_service(tmp_path):
    run, service = start(tmp_path)
    run.send_signal(signal.SIGINT)
    run.wait(20)
    run.stdout.close()
    assert not service.running()
    assert Record(tmp_path).read() == []


def test_the_next_run_ends_what_a_killed_run_left(tmp_path):
    run, service = start(tmp_path)
    run.kill()
    run.wait()
    run.stdout.close()
    assert service.running()
    with Children(tmp_path):
        assert not service.running()


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    with (
        Children(tmp_path),
        pytest.raises(SandboxError, match="another sandbox is running"),
        Children(tmp_path),
    ):
        pass


def test_a_process_that_got_the_id_of_a_dead_one_is_left_alone(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        stale = Process(name="moto", pid=stranger.pid, began="another boot:1")
        Record(tmp_path).write([stale])
        with Children(tmp_path):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_record_that_was_cut_short_is_no_obstacle(tmp_path):
    (tmp_path / "processes.json").write_text('[{"name": "mo')
    with Children(tmp_path):
        assert json.loads((tmp_path / "processes.json").read_text()) == []


def test_a_child_that_ignores_the_signal_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("ops.sandbox.processes.GRACE_SECONDS", 0.2)
    words = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", words], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    child.stdout.readline()
    end([Process(name="child", pid=child.pid, began=began(child.pid))])
    assert child.wait(5) == -signal.SIGKILL
    child.stdout.close()


def test_a_failing_command_shows_the_end_of_its_log(tmp_path):
    with Children(tmp_path) as children, pytest.raises(SandboxError, match="No module named"):
        children.command("job", ["no_such_module"])


def test_a_server_that_ends_at_once_is_told_with_its_log(tmp_path):
    with Children(tmp_path) as children:
        service = children.serve("broken", "no_such_module", health="/", environment={})
        with pytest.raises(SandboxError, match="the broken server ended at once"):
            children.wait(service)


def test_a_kept_service_outlives_its_run(tmp_path):
    with Children(tmp_path) as children:
        service = children.serve("moto", "ops.sandbox.moto_server", health="/moto-api/", environment={})
        children.wait(service)
        (kept,) = children.keep()
    assert kept.running()
    os.killpg(kept.pid, signal.SIGTERM)
    service.popen.wait()
    deadline = time.monotonic() + 5
    while kept.running() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not kept.running()
