"""The idle check against a real JupyterLab, real processes and a real terminal."""

import json
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.workloads.images.jupyter import TOKEN, Lab, Machine, arguments, server_file, wait_for

pytestmark = pytest.mark.xdist_group("jupyterlab")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as found:
        port = found.server_port
    lab = Lab(tmp_path_factory.mktemp("jupyter"), port)
    yield lab
    lab.stop()


@pytest.fixture
def machine(lab: Lab, tmp_path: Path) -> Machine:
    machine = Machine(tmp_path, lab)
    assert machine.look() == "began to watch"
    return machine


def test_an_unused_machine_is_powered_off(machine: Machine) -> None:
    """At the second look: the first one only begins to watch."""
    assert not machine.powered_off
    assert "powering off" in machine.look()
    assert machine.powered_off


def test_it_is_not_before_its_time(machine: Machine) -> None:
    """Without use for half an hour, and never where the setting is 0."""
    machine.look(minutes=30)
    machine.look(minutes=0)
    assert not machine.powered_off


def test_a_busy_kernel_spares_it(lab: Lab, machine: Machine, tmp_path: Path) -> None:
    """However long the cell takes and little CPU it needs; a kernel that has done its work does not."""
    go_on = tmp_path / "go-on"
    os.mkfifo(go_on)
    kernel = lab.kernel()
    try:
        kernel.run(f"open({str(go_on)!r}).read()")
        kernel.wait_until("busy")
        for _ in range(2):
            assert "a kernel is busy" in machine.look()
        assert not machine.powered_off
        go_on.write_text("")
        kernel.wait_until("idle")
        assert "powering off" in machine.look()
        assert machine.powered_off
    finally:
        kernel.close()


def test_a_kernel_that_was_used_lately_spares_it(lab: Lab, machine: Machine) -> None:
    """Cells that run for less than a minute are seen by their time, too."""
    kernel = lab.kernel()
    try:
        kernel.run("1 + 1")
        kernel.wait_until("idle")
        assert "one of JupyterLab's kernels was used lately" in machine.look(minutes=30)
        assert not machine.powered_off
    finally:
        kernel.close()


def test_a_login_spares_it(machine: Machine) -> None:
    """A shell on a terminal, as SSH and Session Manager start it."""
    pid, terminal = pty.fork()
    if not pid:
        os.execvp("cat", ["cat"])
    try:
        machine.show(pid)
        wait_for(lambda: Path(f"/proc/{pid}/comm").read_text().strip() == "cat")
        assert "a session is open (cat)" in machine.look()
        assert not machine.powered_off
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    assert "powering off" in machine.look()


def test_a_forwarded_port_spares_it(machine: Machine, tmp_path: Path) -> None:
    """Systems Manager's agent runs a process for each session, forwarded ports included."""
    worker = tmp_path / "ssm-session-worker"
    worker.write_bytes(Path("/bin/cat").resolve().read_bytes())
    worker.chmod(stat.S_IRWXU)
    with subprocess.Popen([worker], stdin=subprocess.PIPE) as process:
        machine.show(process.pid)
        assert "somebody is connected through Systems Manager" in machine.look()
        assert process.stdin
        process.stdin.close()
    assert not machine.powered_off


def test_a_training_without_a_kernel_spares_it(machine: Machine) -> None:
    """A process in the background, by the CPU that it uses."""
    training = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
    try:
        machine.show(training.pid)
        machine.look(minutes=30)
        before = cpu_ticks(training.pid)
        wait_for(lambda: cpu_ticks(training.pid) > before + 20)
        assert "% of a vCPU is used" in machine.look(cpu_percent=0.1)
        assert not machine.powered_off
    finally:
        training.kill()
        training.wait()


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_a_pause_is_no_idleness(machine: Machine, tmp_path: Path) -> None:
    """After hibernation the clock has moved by hours in which nobody could use the machine."""
    state = tmp_path / "idle.json"
    seen = json.loads(state.read_text())
    state.write_text(json.dumps({**seen, "at": seen["at"] - 7200, "used_at": seen["used_at"] - 7200}))
    assert machine.look(minutes=30) == "began to watch"
    assert not machine.powered_off


def test_a_server_that_answers_with_errors_spares_it(machine: Machine, lab: Lab) -> None:
    """Its kernels cannot be asked for, so one may be at work."""

    class Broken(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(500)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Broken) as broken:
        thread = threading.Thread(target=broken.serve_forever)
        thread.start()
        file = lab.runtime / f"jpserver-{os.getpid()}.json"
        server = {"pid": os.getpid(), "url": f"http://127.0.0.1:{broken.server_port}/", "token": "one"}
        file.write_text(json.dumps(server))
        machine.show(os.getpid())
        try:
            assert "JupyterLab does not list its kernels (HTTP Error 500" in machine.look()
            assert not machine.powered_off
        finally:
            file.unlink()
            broken.shutdown()
            thread.join()


def test_the_token_is_no_secret_told(lab: Lab) -> None:
    """It opens the server, and stands neither in its log nor in the arguments that every user can read."""
    assert server_file(lab)["token"] == TOKEN
    assert TOKEN not in lab.log.read_text()
    assert TOKEN not in " ".join(arguments(lab.process.pid))
    assert stat.S_IMODE(next(lab.runtime.glob("jpserver-*.json")).stat().st_mode) == 0o600
