"""The processes of a run, a process group each, listed in a file so that the next run can end what a killed
one left.

The file names a process by its id *and* its start time, because ids are used again: a process that merely got
the id of a dead one is never signalled.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.local.folder import PROCESSES

GRACE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """The leader of a process group, as the file names it."""

    name: str
    pid: int
    started: str

    def running(self) -> bool:
        """Whether that very process still runs; a zombie does not."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> str | None:
    """What tells the process from every other that had this id, boots included; None if none runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _start_time_by_ps(pid)
    state, *fields = stat.rpartition(")")[2].split()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None if state in "ZX" else f"{boot}:{fields[18]}"  # the 22nd field of proc_pid_stat(5)


def _start_time_by_ps(pid: int) -> str | None:
    """The same where there is no /proc (macOS)."""
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, moment = answer.stdout.strip().partition(" ")
    return moment.strip() if moment and not state.startswith("Z") else None


def end(processes: Sequence[Process]) -> None:
    """Asks every group to end, waits up to `GRACE_SECONDS`, kills what is left, and waits for that."""
    mine = [process for process in processes if process.running()]
    for process in mine:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(process.running() for process in mine):
        time.sleep(0.02)
    for process in mine:
        _signal(process, signal.SIGKILL)  # the leader may be gone and a child of its group not
    while time.monotonic() < deadline + GRACE_SECONDS and any(process.running() for process in mine):
        time.sleep(0.02)


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses a group that holds only zombies
        os.killpg(process.pid, number)


class ProcessFile:
    """`processes.json`, the running processes of the run in a folder; one run at a time holds its lock."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / PROCESSES
        self._lock = directory / "lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other runs out of the folder, and ends what a killed or a kept run left running.

        Raises:
            LocalRunError: another run holds it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:
            try:
                # The kernel releases the lock however a run ends.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalRunError(
                    f"another run is using {self._lock.parent}; wait for it, or give --output another folder"
                ) from None
            end(self.read())
            self.write([])
            yield

    def read(self) -> list[Process]:
        """The processes last written; none if the file is missing or incomplete."""
        with suppress(FileNotFoundError, ValueError, TypeError):
            return [Process(**entry) for entry in json.loads(self._path.read_text())]
        return []

    def write(self, processes: Sequence[Process]) -> None:
        """Replaces the file in one step."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps([asdict(process) for process in processes]))
        draft.replace(self._path)
