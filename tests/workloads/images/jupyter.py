"""A real JupyterLab, started as its systemd unit starts it, and the workstation's scripts beside it."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from jupyter_client.blocking.client import BlockingKernelClient

from components.common.paths import IMAGES

WORKSTATION = IMAGES / "workstation"
TOKEN = f"token-{uuid.uuid4().hex}"
PATIENCE = 120  # seconds; for a machine under load


def wait_for(what: Callable[[], Any]) -> Any:
    """The first result that is true."""
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.05)
    return found


class Lab:
    """JupyterLab in a folder; `command` and `log` are what a person on the machine can see of it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.runtime = folder / "runtime"
        self.log = folder / "jupyter.log"
        token = folder / "token"
        token.write_text(TOKEN)
        self.command = _command(folder, port)
        environment = {
            **os.environ,
            "JUPYTER_TOKEN_FILE": str(token),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "IPYTHONDIR": str(folder / "ipython"),
            "HOME": str(folder),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/api/", headers={"Authorization": f"token {TOKEN}"}, timeout=60
        )
        wait_for(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self._http.get("status").is_success
        except httpx.TransportError:
            return False

    def kernel(self) -> "Kernel":
        """Starts a kernel that has run nothing yet."""
        identity = self._http.post("kernels", json={"name": "python3"}).raise_for_status().json()["id"]
        return Kernel(self, identity)

    def state(self, identity: str) -> str:
        """What the server says that the kernel does."""
        return str(self._http.get(f"kernels/{identity}").json()["execution_state"])

    def stop(self) -> None:
        """Ends the server and its kernels."""
        for kernel in self._http.get("kernels").json():
            self._http.delete(f"kernels/{kernel['id']}")
        self._http.close()
        self.process.terminate()
        self.process.wait(PATIENCE)


class Kernel:
    """A kernel of the server, spoken to by its own connection file."""

    def __init__(self, lab: Lab, identity: str) -> None:
        self._lab = lab
        self._identity = identity
        self._client = BlockingKernelClient(connection_file=str(lab.runtime / f"kernel-{identity}.json"))
        self._client.load_connection_file()
        self._client.start_channels(hb=False)  # its heart stops for a second on a busy machine
        self._client.wait_for_ready(timeout=PATIENCE)

    def run(self, code: str) -> None:
        """Begins to run `code`."""
        self._client.execute(code)

    def wait_until(self, state: str) -> None:
        """Waits until the server says so: busy, idle."""
        wait_for(lambda: self._lab.state(self._identity) == state)

    def close(self) -> None:
        """Lets go of the connection; the kernel runs on until the server stops."""
        self._client.stop_channels()


def _command(folder: Path, port: int) -> list[str]:
    """ExecStart of the unit, with this interpreter's JupyterLab, a folder and a port of the test's own."""
    unit = (WORKSTATION / "systemd" / "workstation-jupyter.service").read_text().replace("\\\n", " ")
    match = re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    assert match
    program, lab, *options = shlex.split(match[1])
    assert (program.rpartition("/")[2], lab) == ("jupyter", "lab")
    changed = {"--ServerApp.port=8888": f"--ServerApp.port={port}", "--ServerApp.root_dir=/data/work": ""}
    root = ["--ServerApp.allow_root=True", f"--ServerApp.root_dir={folder}"]
    own = [option for option in (changed.get(one, one) for one in options) if option]
    return [sys.executable, "-m", "jupyterlab", *own, *root]


class Machine:
    """What the idle check sees: the real processes that a test shows alone; poweroff is noted down."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self._folder = folder
        self._proc = folder / "proc"
        self._lab = lab
        programs = folder / "programs"
        for each in (self._proc, programs):
            each.mkdir()
        stop = programs / "systemctl"
        stop.write_text(f'#!/bin/sh\necho "$*" >> {folder}/systemctl\n')
        stop.chmod(0o755)
        self._path = f"{programs}:{os.environ['PATH']}"
        self.show(lab.process.pid)

    def show(self, *processes: int) -> None:
        """Puts processes on the machine, with all that they have started until a look."""
        for pid in processes:
            (self._proc / str(pid)).symlink_to(f"/proc/{pid}")

    def look(self, *, cpu_percent: float = 10_000, minutes: float = 0.0001) -> str:
        """Runs the idle check as its timer does; gives what it prints."""
        environment = {
            "PATH": self._path,
            "PROC": str(self._proc),
            "RUN_FOLDER": str(self._folder),
            "JUPYTER_RUNTIME_DIR": str(self._lab.runtime),
            "IDLE_MINUTES": str(minutes),
            "IDLE_CPU_PERCENT": str(cpu_percent),
        }
        script = WORKSTATION / "host" / "idle.py"
        done = subprocess.run(
            [sys.executable, "-I", script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def powered_off(self) -> bool:
        """Whether the check has asked systemd for it."""
        noted = self._folder / "systemctl"
        return noted.exists() and noted.read_text() == "poweroff\n"


def arguments(process: int) -> Sequence[str]:
    """What any user of the machine sees of how a process was started."""
    return Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")


def server_file(lab: Lab) -> Any:
    """What the server wrote down of itself."""
    (path,) = lab.runtime.glob("jpserver-*.json")
    return json.loads(path.read_text())
