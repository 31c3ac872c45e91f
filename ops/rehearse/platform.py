"""The services while they run: started in the order of the compose file, asked for their health, weighed."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.local.services import ROOT, Children
from ops.rehearse.machine import unprivileged
from ops.rehearse.memory import descendants, pss_mib
from ops.rehearse.plan import Service

HEALTH_SECONDS = 20  # that one look may take; one that hangs is followed by another, as in Docker
PAUSE_SECONDS = 0.5
SLOW_CHECK_SECONDS = 5.0  # between looks by a program that starts Airflow, which takes as long


@dataclass(kw_only=True)
class State:
    """A service that was started: when it was, when it was healthy (seconds), and its greatest memory."""

    service: Service
    popen: "subprocess.Popen[bytes]"
    started: float
    healthy: float | None = None
    peak_mib: float = 0.0
    next_look: float = 0.0
    words: str = ""


@dataclass(kw_only=True)
class Platform:
    """Starts services and looks after them; `home` is where they may write, `account` how they reach AWS."""

    services: list[Service]
    children: Children
    home: Path
    account: Mapping[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def up(self, seconds: float) -> None:
        """Returns when every service is healthy, or has ended well if it runs once.

        Raises:
            LocalRunError: one failed, or the time was up; with the end of its log.
        """
        deadline = self.began + seconds
        while not self._settled():
            if time.monotonic() > deadline:
                raise LocalRunError(f"after {seconds:.0f} s not all is healthy\n{self._ill()}")
            for service in self.services:
                if service.name not in self.states and self._may_start(service):
                    self._start(service)
            for state in self.states.values():
                self._look(state)
            self.weigh()
            time.sleep(PAUSE_SECONDS)

    def weigh(self) -> None:
        """Takes every service's memory of now into its greatest."""
        for state in self.states.values():
            if state.popen.poll() is None:
                state.peak_mib = max(state.peak_mib, pss_mib(state.popen.pid))

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Stops a service's processes, which then answer nobody; they go on afterwards."""
        self._signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(name, signal.SIGCONT)

    def kill(self, name: str) -> None:
        """Ends a service and all that it started, at once and without a word to them."""
        self._signal(name, signal.SIGKILL)
        self.states[name].popen.wait()

    def restart(self, name: str, seconds: float) -> None:
        """Starts a service again; returns when it is healthy.

        Raises:
            LocalRunError: it failed, or the time was up; with the end of its log.
        """
        peak, deadline = self.states[name].peak_mib, time.monotonic() + seconds
        self._start(self.states[name].service)
        self.states[name].peak_mib = peak
        while self.states[name].healthy is None:
            if time.monotonic() > deadline:
                raise LocalRunError(f"after {seconds:.0f} s {name} is not healthy again\n{self._ill()}")
            self._look(self.states[name])
            time.sleep(PAUSE_SECONDS)

    def script(self, name: str, text: str, *words: str) -> None:
        """Runs a Python script with the packages and the variables of a service.

        Raises:
            LocalRunError: it failed.
        """
        done = subprocess.run(
            ["python", "-c", text, *words],
            env=self._environment(self.states[name].service),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalRunError(f"a script with the variables of {name} failed: {done.stderr[-1000:]}")

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self.states[name].popen.pid
        for each in (pid, *descendants(pid)):
            with suppress(ProcessLookupError):
                os.kill(each, number)

    def _settled(self) -> bool:
        return all(self._good(service.name) for service in self.services)

    def _good(self, name: str) -> bool:
        return name in self.states and self.states[name].healthy is not None

    def _may_start(self, service: Service) -> bool:
        return all(self._good(other) for other in service.after)

    def _start(self, service: Service) -> None:
        postgres = service.command[0] == "postgres"
        command = unprivileged(service.command) if postgres else service.command
        popen = self.children.start(service.name, command, environment=self._environment(service))
        self.states[service.name] = State(service=service, popen=popen, started=self._now())

    def _look(self, state: State) -> None:
        service, code = state.service, state.popen.poll()
        if state.healthy is not None and (service.once or code is None):
            return
        if code is not None:
            if service.once and code == 0:
                state.healthy = self._now()
                return
            raise LocalRunError(f"{service.name} ended with {code}; {self._log_end(service.name)}")
        if not service.once and self._now() >= state.next_look:
            state.words = self._check(service)
            state.healthy = None if state.words else self._now()
            if service.health[0] == "celery":
                state.next_look = self._now() + SLOW_CHECK_SECONDS

    def _check(self, service: Service) -> str:
        """What the health check said when it failed; empty when it did not."""
        try:
            done = subprocess.run(
                service.health,
                env=self._environment(service),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=HEALTH_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {HEALTH_SECONDS} s"
        return done.stdout.strip() or f"exit code {done.returncode}" if done.returncode else ""

    def _environment(self, service: Service) -> Mapping[str, str]:
        own = {"HOME": str(self.home), "AIRFLOW_HOME": str(self.home / "airflow"), "PYTHONPATH": str(ROOT)}
        return {**own, "LANG": "C.UTF-8", **self.account, **service.environment}

    def _now(self) -> float:
        return time.monotonic() - self.began

    def _ill(self) -> str:
        return "\n".join(
            f"{name}: {state.words}; {self._log_end(name)}"
            for name, state in self.states.items()
            if state.healthy is None
        )

    def _log_end(self, name: str) -> str:
        log = self.children.log(name)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return f"the end of {log}:\n" + "\n".join(lines[-15:])
