"""Jobs of the workers: `put FILE...` adds scripts, `work` runs one after the other until there are none.

A job is a script (.py with the environment's packages, .sh with bash) in SHARED_FOLDER/jobs: `waiting`,
then `running`, then `done` or `failed`, with what it prints in `logs`. Each move is a rename, which a file
system gives to one worker alone. A worker that ends gives its job back; the job of one that is lost, which
no longer touches the file, waits again after LEASE_SECONDS. So a job may run twice, and goes on where it was
only if it looks for what it has written. Imports the standard library alone.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_PROGRAMS: Mapping[str, str] = {".py": "python", ".sh": "bash"}
_END_SECONDS = 20  # of the 30 that systemd gives the worker
_MARK = "@"  # between a running job's name and its worker's


class Jobs:
    """The folders of the jobs as `worker` sees them; a lost one's job waits again after `lease` seconds."""

    def __init__(self, folder: Path, worker: str, lease: float) -> None:
        self._folder = folder
        self._worker = worker
        self._lease = lease

    def put(self, script: Path) -> str:
        """Adds a copy of a script, after those that wait; gives the name of the job."""
        name = f"{time.time_ns()}-{script.name}"
        draft = self._folder / f".{name}"  # in no worker's sight until it is whole
        shutil.copyfile(script, draft)
        draft.rename(self._folder / "waiting" / name)
        return name

    def take(self) -> Path | None:
        """The oldest job that waits, which is this worker's from now on; None when there is none."""
        self._take_back()
        for job in sorted((self._folder / "waiting").iterdir()):
            mine = self._folder / "running" / f"{job.name}{_MARK}{self._worker}"
            try:
                os.utime(job)  # first, or it looks like a lost worker's
                return job.rename(mine)
            except FileNotFoundError:
                continue  # another worker was faster
        return None

    def run(self, job: Path) -> None:
        """Runs a job to its end, or until this process is asked to end; then the job waits again."""
        name = job.name.rpartition(_MARK)[0]
        program = _PROGRAMS.get(Path(name).suffix)
        with (self._folder / "logs" / f"{name}.log").open("a") as log:
            if program is None:
                log.write(f"{name}: allowed: {' and '.join(_PROGRAMS)}\n")
                self._move(job, "failed", name)
                return
            process = subprocess.Popen(
                [program, job], stdout=log, stderr=log, cwd=self._folder.parent, start_new_session=True
            )
            try:
                code = self._wait(process, job)
            except SystemExit:
                _end(process)
                self._move(job, "waiting", name)
                raise
            log.write(f"{name}: exit code {code}\n")
        self._move(job, "failed" if code else "done", name)

    def _wait(self, process: "subprocess.Popen[bytes]", job: Path) -> int:
        while True:
            try:
                return process.wait(timeout=self._lease / 10)
            except subprocess.TimeoutExpired:
                if job.exists():  # otherwise another worker has taken it for lost
                    os.utime(job)

    def _take_back(self) -> None:
        for job in (self._folder / "running").iterdir():
            try:
                lost = time.time() - job.stat().st_mtime > self._lease
            except FileNotFoundError:
                continue
            if lost:
                self._move(job, "waiting", job.name.rpartition(_MARK)[0])

    def _move(self, job: Path, folder: str, name: str) -> None:
        try:
            job.rename(self._folder / folder / name)
        except FileNotFoundError:
            print(f"{name}: another worker has it")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends a job with all that it has started; it has the time to write down where it is."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_END_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)


def work(jobs: Jobs, *, idle_minutes: float, pause: float, leave: str) -> None:
    """Runs jobs for good; after `idle_minutes` without one it calls `leave`, where that is not 0."""
    used = time.monotonic()
    while True:
        if job := jobs.take():
            print(f"runs {job.name}", flush=True)
            jobs.run(job)
            used = time.monotonic()
        elif idle_minutes and time.monotonic() - used >= 60 * idle_minutes:
            print(f"no job for {idle_minutes:g} minutes; leaves the group", flush=True)
            subprocess.run([leave], check=False)  # refused: it is one of the least workers, and stays
            used = time.monotonic()
        else:
            time.sleep(pause)


def main(arguments: list[str], environ: Mapping[str, str]) -> None:
    """Reads SHARED_FOLDER, and for `work` IDLE_MINUTES (0 stays for good) and LEASE_SECONDS."""
    parser = argparse.ArgumentParser(description="Jobs of the workers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("put", help="add scripts").add_argument("files", nargs="+", type=Path)
    commands.add_parser("work", help="run jobs")
    options = parser.parse_args(arguments)
    folder = Path(environ.get("SHARED_FOLDER", "/shared"), "jobs")
    if not folder.is_dir():
        parser.exit(2, f"{folder}: is not there; set workstationWorkersMax and start the workstation again\n")
    jobs = Jobs(folder, socket.gethostname(), float(environ.get("LEASE_SECONDS", "300")))
    if options.command == "put":
        for file in options.files:
            if file.suffix not in _PROGRAMS or not file.is_file():
                parser.exit(2, f"{file}: allowed: a script that ends in {' or '.join(_PROGRAMS)}\n")
            print(jobs.put(file))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    work(
        jobs,
        idle_minutes=float(environ["IDLE_MINUTES"]),
        pause=float(environ.get("PAUSE_SECONDS", "5")),
        leave=environ.get("LEAVE", "/opt/platform/host/leave.sh"),
    )


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
