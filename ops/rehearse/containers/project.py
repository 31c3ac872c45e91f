"""A compose file while it runs: brought up, looked at, weighed, and taken down."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.local.errors import LocalRunError
from ops.rehearse import TIERS
from ops.rehearse.containers.cgroup import memory
from ops.rehearse.containers.docker import Docker

PAUSE_SECONDS = 2.0  # a look takes a tenth of a second of a core
_SERVICE = "com.docker.compose.service"


@dataclass(kw_only=True)
class Weight:
    """The most that was seen of a service's containers, in MiB; `at_limit` and `killed` as in `Memory`."""

    limit_mib: int
    anonymous_mib: float = 0.0
    peak_mib: float = 0.0
    at_limit: int = 0
    killed: int = 0


class Project:
    """The services of a tier's compose file; `variables` are those that the file asks its environment for."""

    def __init__(self, docker: Docker, tier: str, file: Path, *, variables: Path, log: Path) -> None:
        self.name = _name(tier)
        self._docker = docker
        self._words = [
            "compose", "--project-name", self.name, "--file", str(file), "--env-file", str(variables)
        ]  # fmt: skip
        self._log = log
        described = json.loads(docker(*self._words, "config", "--format", "json"))["services"]
        self.services: Mapping[str, Mapping[str, Any]] = described
        self._once = {name for entry in described.values() for name in _awaited(entry)}
        self.weights = {
            name: Weight(limit_mib=int(entry["mem_limit"]) // 2**20) for name, entry in described.items()
        }

    @property
    def public_images(self) -> set[str]:
        """The images that are not built here."""
        return {name for entry in self.services.values() if "/" in (name := entry["image"]) and "." in name}

    @property
    def lasting(self) -> list[str]:
        """The services that run on, in the file's order: all but those whose end others wait for."""
        return [name for name in self.services if name not in self._once]

    def compose(self, *words: str) -> str:
        """What a command of Docker Compose printed."""
        return self._docker(*self._words, *words)

    def up(self, seconds: float) -> dict[str, float]:
        """Brings everything up as the instance does; gives the seconds until each service was sound.

        Raises:
            LocalRunError: it was not within `seconds`, or Compose failed; with the states and the last lines.
        """
        with self._log.open("wb") as log:
            up = subprocess.Popen(
                ["docker", *self._words, "up", "--detach", "--remove-orphans"],
                env=self._docker.environment,
                stdout=log,
                stderr=log,
            )
            try:
                return self.wait(list(self.services), seconds, failed=lambda: bool(up.poll()))
            finally:
                up.kill()
                up.wait()

    def wait(
        self,
        services: list[str],
        seconds: float,
        *,
        failed: Callable[[], bool] = lambda: False,
        started_after: Mapping[str, str] | None = None,
        replace: bool = False,
    ) -> dict[str, float]:
        """Seconds from now until each of `services` is healthy, or has ended with success if it runs once.

        `started_after` has the starts of containers, by service, that do not count; `replace` makes what has
        ended, and the engine does not start again, anew, as ECS does.

        Raises:
            LocalRunError: the time was up, or `failed`.
        """
        began, reached = time.monotonic(), dict[str, float]()
        while len(reached) < len(services):
            states = self.look()
            if replace and (ended := [name for name in self.lasting if self._ended(states.get(name))]):
                self.replace(ended)
            for name in services:
                old = (started_after or {}).get(name)
                if name not in reached and _sound(states.get(name), old, once=name in self._once):
                    reached[name] = round(time.monotonic() - began, 1)
            missing = {name: _words(states.get(name)) for name in services if name not in reached}
            past = time.monotonic() - began
            if missing and (past > seconds or failed()):
                raise LocalRunError(
                    f"not as it should be after {past:.0f} s: {missing}\n{self._end(missing)}"
                )
            time.sleep(PAUSE_SECONDS)
        return reached

    def look(self) -> dict[str, dict[str, Any]]:
        """What the engine says of each service's container now; takes its memory into the greatest."""
        found = {}
        for each in self._docker.inspect(_label(self.name)):
            name = each["Config"]["Labels"][_SERVICE]
            found[name] = each
            self._weigh(name, each)
        return found

    def restarts(self, service: str) -> bool:
        """Whether the engine starts the service's container again by itself."""
        return self.services[service].get("restart") == "unless-stopped"

    def replace(self, services: list[str]) -> None:
        """Makes the services' containers anew, those that prepare them first, as ECS does with tasks."""
        before = list(services)
        for name in before:  # it grows by what each of its own waits for
            before += _awaited(self.services[name])
        self.compose("rm", "--force", "--stop", *before)
        self.compose("up", "--detach", "--no-recreate", *services)

    def container(self, service: str) -> str:
        """The id of a service's container."""
        return str(self.look()[service]["Id"])

    def logs(self, service: str, lines: int = 20) -> str:
        """The last lines that a service printed."""
        done = self._docker.attempt(*self._words, "logs", "--no-color", "--tail", str(lines), service)
        return (done.stdout + done.stderr).decode(errors="replace")

    def _ended(self, container: Mapping[str, Any] | None) -> bool:
        """Whether a container has ended that nobody starts again."""
        if container is None or container["State"]["Status"] != "exited":
            return False
        return not self.restarts(container["Config"]["Labels"][_SERVICE])

    def _weigh(self, name: str, container: Mapping[str, Any]) -> None:
        state = container["State"]
        found = memory(container["Id"], state["Pid"]) if state["Running"] else None
        if found is None:
            return
        weight = self.weights[name]
        weight.anonymous_mib = max(weight.anonymous_mib, found.anonymous_mib)
        weight.peak_mib = max(weight.peak_mib, found.peak_mib)
        weight.killed = max(weight.killed, found.killed)
        weight.at_limit = max(weight.at_limit, found.at_limit)

    def _end(self, services: Mapping[str, str]) -> str:
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        # One that has ended comes first: the others wait for it.
        first = sorted(services, key=lambda name: not services[name].startswith("exited"))[:3]
        return "\n".join([*log.splitlines()[-8:], *(self.logs(name) for name in first)])


def remove(docker: Docker) -> None:
    """Removes the containers, volumes and networks of this rehearsal, or of one that was killed."""
    for tier in TIERS:
        listing = ["--quiet", "--filter", f"label={_label(_name(tier))}"]
        for kind, words, options in (
            ("container", ["ls", "--all", *listing], ["--force", "--volumes"]),
            ("volume", ["ls", *listing], ["--force"]),
            ("network", ["ls", *listing], ["--force"]),
        ):
            if found := docker(kind, *words).split():
                docker.attempt(kind, "rm", *options, *found)


def _name(tier: str) -> str:
    return f"rehearsal-{tier}"


def _label(project: str) -> str:
    return f"com.docker.compose.project={project}"


def _awaited(service: Mapping[str, Any]) -> list[str]:
    """The services whose success this one waits for."""
    after = service.get("depends_on") or {}
    return [name for name, rule in after.items() if rule["condition"] == "service_completed_successfully"]


def _sound(container: Mapping[str, Any] | None, old_start: str | None, *, once: bool) -> bool:
    if container is None or container["State"]["StartedAt"] == old_start:
        return False
    state = container["State"]
    if once:
        return bool(state["Status"] == "exited" and state["ExitCode"] == 0)
    return bool(state["Running"] and state.get("Health", {}).get("Status") == "healthy")


def _words(container: Mapping[str, Any] | None) -> str:
    if container is None:
        return "not made"
    state = container["State"]
    return f"{state['Status']} {state.get('Health', {}).get('Status', '')} exit code {state['ExitCode']}"
