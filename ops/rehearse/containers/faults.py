"""What goes wrong on an instance, done to running containers; each gives the seconds until all is well."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ops.local.errors import LocalRunError
from ops.rehearse.containers.docker import Docker, Engine
from ops.rehearse.containers.project import PAUSE_SECONDS, Project

WELL_SECONDS = 600.0
LOST_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Hurts a project; `database` is the service that is lost for a while."""

    docker: Docker
    project: Project
    database: str = "postgres"

    def kill_each(self) -> dict[str, float]:
        """Kills every lasting container's processes; gives the seconds until each service was sound again.

        What the engine starts again is killed one after the other; tasks, which take longer, all at once.
        """
        tasks = [name for name in self.project.lasting if not self.project.restarts(name)]
        alone = [name for name in self.project.lasting if name not in tasks]
        return {**{name: self._kill([name])[name] for name in alone}, **self._kill(tasks)}

    def hang(self, service: str) -> float:
        """Stops a service's processes where they are; gives the seconds until its health check fails.

        ECS replaces a task whose check fails six times; here it stays as it is, for `kill_each`.

        Raises:
            LocalRunError: the check does not see it, or did not pass before.
        """
        container = self.project.look()[service]
        check = ["exec", container["Id"], *container["Config"]["Healthcheck"]["Test"][1:]]
        if (done := self.docker.attempt(*check)).returncode:
            raise LocalRunError(f"{service} runs and is not healthy: {_said(done)}")
        self.docker.attempt("exec", container["Id"], "sh", "-c", "kill -STOP -1")
        began = time.monotonic()
        while not (done := self.docker.attempt(*check)).returncode:
            if time.monotonic() > began + WELL_SECONDS:
                raise LocalRunError(f"{service} hangs, and its health check does not see it")
            time.sleep(PAUSE_SECONDS)
        if "the last heartbeat was" not in _said(done):
            raise LocalRunError(f"{service} hangs, and its health check says something else: {_said(done)}")
        return round(time.monotonic() - began, 1)

    def lose_database(self) -> float:
        """Takes the database away for `LOST_SECONDS`; gives the seconds from its return."""
        self.project.compose("stop", self.database)
        until = time.monotonic() + LOST_SECONDS
        while time.monotonic() < until:
            self.project.look()
            time.sleep(PAUSE_SECONDS)
        self.project.compose("start", self.database)
        return max(self.project.wait(self.project.lasting, WELL_SECONDS, replace=True).values())

    def _kill(self, names: list[str]) -> dict[str, float]:
        before, began = _starts(self.project), time.monotonic()
        for name in names:
            # All but the first process, which ends with its child. A `docker kill` is a wish to stop. As the
            # container's own user: where capabilities are dropped, root may not kill what others run.
            words = ["sh", "-c", "kill -9 -1"]
            self.docker.attempt("exec", self.project.container(name), *words)
        if tasks := [name for name in names if not self.project.restarts(name)]:
            self.project.replace(tasks)
        past = time.monotonic() - began
        waited = self.project.wait(names, WELL_SECONDS, started_after=before, replace=True)
        return {name: round(past + seconds, 1) for name, seconds in waited.items()}


def crash(engine: Engine, projects: Sequence[Project]) -> float:
    """Kills the engine and starts it; gives the seconds until it answered.

    Raises:
        LocalRunError: a container was stopped or started for it.
    """
    before = [_starts(project) for project in projects]
    began = time.monotonic()
    engine.crash()
    seconds = round(time.monotonic() - began, 1)
    for project, starts in zip(projects, before, strict=True):
        after = _starts(project)
        changed = [name for name, start in starts.items() if after.get(name) != start]
        if changed:
            raise LocalRunError(f"{project.name}: the engine's restart restarted {', '.join(changed)} too")
    return seconds


def _starts(project: Project) -> dict[str, str]:
    """When each running container was started."""
    return {
        name: each["State"]["StartedAt"] for name, each in project.look().items() if each["State"]["Running"]
    }


def _said(done: "subprocess.CompletedProcess[bytes]") -> str:
    return (done.stdout + done.stderr).decode(errors="replace").strip()[-300:]
