"""What goes wrong on an instance, done to running containers; each gives the seconds until all is well."""

import time
from dataclasses import dataclass

from ops.local.errors import LocalRunError
from ops.rehearse.containers.docker import Engine
from ops.rehearse.containers.project import Project

WELL_SECONDS = 600.0
LOST_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Hurts a project; `database` is the service that is lost for a while."""

    engine: Engine
    project: Project
    database: str = "postgres"

    def kill_each(self) -> dict[str, float]:
        """Kills every lasting container's processes, one container after the other; seconds by service."""
        return {name: self._kill(name) for name in self.project.lasting}

    def lose_database(self) -> float:
        """Takes the database away for `LOST_SECONDS`; gives the seconds from its return."""
        self.project.compose("stop", self.database)
        until = time.monotonic() + LOST_SECONDS
        while time.monotonic() < until:
            self.project.look()
            time.sleep(1)
        self.project.compose("start", self.database)
        return max(self.project.wait(self.project.lasting, WELL_SECONDS).values())

    def crash_engine(self) -> float:
        """Kills the engine and starts it; gives the seconds until it answered.

        Raises:
            LocalRunError: a container was stopped or started for it.
        """
        before = self._starts()
        began = time.monotonic()
        self.engine.crash()
        seconds = round(time.monotonic() - began, 1)
        after = self._starts()
        changed = [name for name, start in before.items() if after.get(name) != start]
        if changed:
            raise LocalRunError(f"the engine's restart restarted {', '.join(changed)} too")
        return seconds

    def _kill(self, name: str) -> float:
        before = self._starts()[name]
        began = time.monotonic()
        # All but the first process, which ends with its child. To Docker a `docker kill` is a wish to stop.
        self.engine.docker.attempt(
            "exec", "--user", "0", self.project.container(name), "sh", "-c", "kill -9 -1"
        )
        if not self.project.restarts(name):
            self.project.replace(name)
        self.project.wait([name], WELL_SECONDS, started_after={name: before})
        return round(time.monotonic() - began, 1)

    def _starts(self) -> dict[str, str]:
        """When each running container was started."""
        return {
            name: each["State"]["StartedAt"]
            for name, each in self.project.look().items()
            if each["State"]["Running"]
        }
