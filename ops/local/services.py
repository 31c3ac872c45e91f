"""Servers and commands of a run, each in a process group of its own."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ops.local.environment import machine
from ops.local.errors import LocalRunError
from ops.local.folder import MIB
from ops.local.processes import Process, ProcessFile, end, start_time

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
SHORT_LOG = 6  # lines
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, kw_only=True)
class Service:
    """A server that was started; `url` answers once `Children.wait` returned."""

    name: str
    url: str
    health: str
    log: Path
    popen: "subprocess.Popen[bytes]"


class Children:
    """The processes of a run; leaving the context ends them, whatever the reason, unless they are kept.

    They see what `environment.machine` lets through of this process's environment, and what they are given.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = ProcessFile(directory)
        self._running: dict[int, tuple[Process, subprocess.Popen[bytes]]] = {}
        self._guard = threading.Lock()
        self._stack = ExitStack()
        self._ending = False

    def __enter__(self) -> "Children":
        self._stack.enter_context(self._file.held())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        try:
            self.end()
        finally:
            self._stack.close()

    def serve(
        self,
        name: str,
        module: str,
        *,
        health: str,
        environment: Mapping[str, str],
        address: str = "127.0.0.1",
    ) -> Service:
        """Starts a server module on a free port of one of this machine's addresses and returns at once.

        The port is bound here and handed over as a file descriptor, so that nobody can take it in between and
        early requests wait in its queue.
        """
        with socket.socket() as listener:
            listener.bind((address, 0))
            listener.listen(128)
            port = listener.getsockname()[1]
            log = self.log(name)
            popen = self._start(
                name,
                [sys.executable, "-m", module, str(listener.fileno())],
                log=log,
                environment={**environment, "SERVER_PORT": str(port)},
                descriptor=listener.fileno(),
            )
        return Service(name=name, url=f"http://{address}:{port}", health=health, log=log, popen=popen)

    def start(
        self, name: str, arguments: list[str], *, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Starts a program, looked for on the PATH of `environment`, and returns at once."""
        return self._start(name, arguments, log=self.log(name), environment=environment)

    def wait(self, service: Service) -> None:
        """Returns when the server answers.

        Raises:
            LocalRunError: it ended, or did not answer in time; with the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and service.popen.poll() is None:
            try:
                with _DIRECT.open(service.url + service.health, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        reason = "did not answer in time" if service.popen.poll() is None else "ended at once"
        raise LocalRunError(_failure(f"the {service.name} server {reason}", service.log))

    def command(
        self, name: str, arguments: list[str], *, environment: Mapping[str, str] | None = None
    ) -> str:
        """Runs `python -m ...` to its end and returns what it printed; its errors go to the log.

        Raises:
            LocalRunError: it failed; with the end of its log.
        """
        log, output = self.log(name), self.log(name).with_suffix(".out")
        popen = self._start(
            name, [sys.executable, "-m", *arguments], log=log, environment=environment or {}, output=output
        )
        code = popen.wait()
        with self._guard:
            process, _ = self._running.pop(popen.pid, (None, None))
        if code != 0:
            failure = _failure(f"python -m {' '.join(arguments)} failed", log, output)
            raise LocalRunError(_own_message(log, output) or failure)
        if process:
            end([process])
        return output.read_text()

    def log(self, name: str) -> Path:
        """The file that takes a process's output."""
        path = self._directory / "logs" / f"{name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self) -> list[Process]:
        """Leaves the servers running after this run; the next run in the folder ends them."""
        with self._guard:
            kept = [process for process, _ in self._running.values()]
            self._running.clear()
        return kept

    def stop(self, names: Container[str]) -> None:
        """Ends the processes with these names, and returns when they have; the others run on."""
        with self._guard:
            ending = [pair for pair in self._running.values() if pair[0].name in names]
            for process, _ in ending:
                del self._running[process.pid]
            self._file.write([process for process, _ in self._running.values()])
        for _, popen in ending:
            threading.Thread(target=popen.wait, daemon=True).start()  # or its zombie would look alive
        end([process for process, _ in ending])

    def end(self) -> None:
        """Ends every process; nothing can be started afterwards."""
        with self._guard:
            self._ending = True
            running = list(self._running.values())
            self._running.clear()
        for _, popen in running:
            threading.Thread(target=popen.wait, daemon=True).start()  # or its zombie would look alive
        if running:
            end([process for process, _ in running])
            self._file.write([])

    def _start(
        self,
        name: str,
        arguments: list[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        output: Path | None = None,
        descriptor: int | None = None,
    ) -> "subprocess.Popen[bytes]":
        with (
            self._guard,
            log.open("wb") as errors,
            (output or log).open("ab" if output is None else "wb") as out,
        ):
            if self._ending:
                raise LocalRunError("the run is ending")
            popen = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env={**machine(os.environ), **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
                pass_fds=() if descriptor is None else (descriptor,),
            )
            process = Process(name=name, pid=popen.pid, started=start_time(popen.pid) or "ended")
            self._running[popen.pid] = (process, popen)
            self._file.write([process for process, _ in self._running.values()])
        return popen


def _failure(what: str, *logs: Path) -> str:
    """What failed, with the end of its log."""
    lines = _lines(logs)
    if not lines and shutil.disk_usage(logs[0].parent).free < MIB:
        return f"{what}: the disk of {logs[0].parent} is full; free some, or give another folder"
    return f"{what}; the end of {logs[0]}:\n" + "\n".join(lines[-12:])


def _own_message(*logs: Path) -> str | None:
    """A short log without a traceback: it is the message of a command that knows what is wrong."""
    lines = _lines(logs)
    short = 0 < len(lines) <= SHORT_LOG and not any(line.startswith("Traceback") for line in lines)
    return "\n".join(lines) if short else None


def _lines(logs: Sequence[Path]) -> list[str]:
    """The lines that say something: a progress bar leaves an empty one in a file."""
    texts = [log.read_text(errors="replace") for log in logs if log.exists()]
    return [line for text in texts for line in text.splitlines() if line.strip()]
