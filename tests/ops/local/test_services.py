"""What a sandbox starts, it ends: on Ctrl-C, on an error, and after it was killed itself."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.local.errors import LocalRunError
from ops.local.processes import Process, ProcessFile, end, start_time
from ops.local.services import ROOT, Children

RUN = """
import sys, time
from pathlib import Path
from ops.local.services import Children
from ops.local.signals import interrupt_on_signals
interrupt_on_signals()
with Children(Path(sys.argv[1])) as children:
    moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
    children.wait(moto)
    print("up", flush=True)
    time.sleep(60)
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], Process]:
    """A sandbox of its own with one service, and that service."""
    # A job in the background of a script ignores Ctrl-C, and so would its children; under `nohup` SIGHUP.
    command = ["env", "--default-signal=INT,HUP", sys.executable, "-c", RUN, str(folder)]
    run = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    assert run.stdout
    assert run.stdout.readline() == "up\n"
    return run, ProcessFile(folder).read()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_the_service(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, `kill`, a closed terminal; a second signal while the service is being ended changes nothing."""
    run, service = start(tmp_path)
    run.send_signal(number)
    run.send_signal(signal.SIGINT)
    run.communicate()
    assert run.returncode != 0, "the signal did not end the run"
    assert not service.running()
    assert ProcessFile(tmp_path).read() == []


def test_next_run_ends_processes_of_a_killed_one(tmp_path: Path) -> None:
    run, service = start(tmp_path)
    run.kill()
    run.communicate()
    assert service.running()
    with Children(tmp_path):
        assert not service.running()


def test_one_run_a_folder(tmp_path: Path) -> None:
    with (
        Children(tmp_path),
        pytest.raises(LocalRunError, match="another run is using"),
        Children(tmp_path),
    ):
        pass


def test_reused_process_id(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        stale = Process(name="moto", pid=stranger.pid, started="another boot:1")
        ProcessFile(tmp_path).write([stale])
        with Children(tmp_path):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_incomplete_process_file(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('[{"name": "mo')
    with Children(tmp_path):
        assert json.loads((tmp_path / "processes.json").read_text()) == []


def test_kills_after_grace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.local.processes.GRACE_SECONDS", 0.2)
    words = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", words], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    child.stdout.readline()
    end([Process(name="child", pid=child.pid, started=start_time(child.pid) or "")])
    child.communicate()
    assert child.returncode == -signal.SIGKILL


def test_failing_command(tmp_path: Path) -> None:
    with Children(tmp_path) as children, pytest.raises(LocalRunError, match="No module named"):
        children.command("job", ["no_such_module"])


def test_failing_server(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        service = children.serve("broken", "no_such_module", health="/", environment={})
        with pytest.raises(LocalRunError, match="the broken server ended at once"):
            children.wait(service)


def test_keep(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        service = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
        children.wait(service)
        (kept,) = children.keep()
    assert kept.running()
    os.killpg(kept.pid, signal.SIGTERM)
    service.popen.wait()
    assert not kept.running()
