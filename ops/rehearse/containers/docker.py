"""The Docker command line, and an engine of the rehearsal's own where this machine runs none."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ops.local.errors import LocalRunError
from ops.local.services import Children

OLDEST_SERVER = 25  # the first that knows a health check's `start_interval`
# Images and the build cache stay here from one rehearsal to the next.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlops-rehearsal"
_RUN = Path(os.environ.get("XDG_RUNTIME_DIR") or "/run") / "mlops-rehearsal"
IMAGES = "images"  # the engine that builds, and runs what it has built
_START_SECONDS = 60.0
_GIB_OF_IMAGES = 12  # with the build cache and what three tiers' containers write


class NoEngineError(LocalRunError):
    """There is no container engine that can be used; the message says how to get one."""


class Docker:
    """Runs `docker`; `host` is the engine's address, empty for the one of the current context.

    `within` names a container of that engine, in which the command runs instead.
    """

    def __init__(self, host: str = "", *, within: str = "") -> None:
        self.host = host
        self.environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
        self._command = ["docker", *(["exec", within, "docker"] if within else [])]

    def __call__(self, *words: str, given: bytes | None = None) -> str:
        """What the command printed.

        Raises:
            LocalRunError: it failed; with its last lines.
        """
        done = self.attempt(*words, given=given)
        if done.returncode:
            lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            raise LocalRunError(f"docker {' '.join(words[:6])} failed:\n" + "\n".join(lines[-25:]))
        return done.stdout.decode(errors="replace").strip()

    def attempt(self, *words: str, given: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        """The command, whatever its exit code.

        Raises:
            NoEngineError: there is no `docker`.
        """
        try:
            return subprocess.run(
                [*self._command, *words], env=self.environment, input=given, capture_output=True, check=False
            )
        except FileNotFoundError:
            raise NoEngineError(
                "docker: not installed; install Docker with Compose, on Debian and Ubuntu with `.ci/engine` "
                "as root, or rehearse with --engine processes"
            ) from None

    def inspect(self, label: str) -> list[dict[str, Any]]:
        """Every container that has the label (`key=value`), running or not."""
        found = self("ps", "--all", "--quiet", "--filter", f"label={label}").split()
        # One that ends between the two commands is left out of the answer, with an exit code of 1.
        return json.loads(self.attempt("inspect", *found).stdout or b"[]") if found else []

    def compose_program(self) -> Path:
        """Docker Compose on this machine, one static program."""
        plugins = json.loads(self("info", "--format", "{{json .ClientInfo.Plugins}}"))
        return next(Path(each["Path"]) for each in plugins if each["Name"] == "compose")

    def build(self, context: Path, tag: str, *options: str, dockerfile: Path | None = None) -> None:
        """Builds an image; what has not changed since the last time comes out of the engine's cache."""
        file = dockerfile or context / "Dockerfile"
        self(
            "build", "--quiet", "--network", "host", *options, "--file", str(file), "--tag", tag, str(context)
        )


class Engine:
    """A container engine; `own` is one that this rehearsal started and may stop.

    What engines of different names have is apart; what one of a name had, the next one has.
    """

    def __init__(self, children: Children, name: str = IMAGES) -> None:
        self._children = children
        self._name = name
        self.data = CACHE / name
        self._run = _RUN / name
        self._starts = 0
        self._lock: TextIO | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self.own = os.geteuid() == 0 and shutil.which("dockerd") is not None
        self.docker = Docker(f"unix://{self._run}/docker.sock" if self.own else "")

    def start(self) -> None:
        """Returns when the engine answers; one of our own is started unless it runs.

        Raises:
            NoEngineError: there is none, it is too old, or does not start.
        """
        if self.own and (self._popen is None or self._popen.poll() is not None):
            self._popen = self._serve()
        deadline = time.monotonic() + (_START_SECONDS if self.own else 0)
        while (version := self._version()) is None:
            if time.monotonic() > deadline or (self._popen and self._popen.poll() is not None):
                raise NoEngineError(self._reason())
            time.sleep(0.2)
        if int(version.split(".")[0]) < OLDEST_SERVER:
            raise NoEngineError(
                f"the container engine is {version}; allowed: {OLDEST_SERVER} or newer. "
                "On Debian 12, `.ci/engine` installs that of Debian 13"
            )

    def crash(self) -> None:
        """Kills the engine and starts it again; what its containers do meanwhile is up to its config."""
        if self._popen:
            self._popen.kill()
            self._popen.wait()
        self.start()

    def name_by_digest(self, references: Collection[str]) -> None:
        """Lets images that the engine has under a tag be found as `<repository>:<tag>@<digest>` too.

        A digest is that of the published image, which a stand-in cannot have; only the engine's own table
        of names gives it one, and the engine reads the table when it starts.

        Raises:
            LocalRunError: the engine is not one of the rehearsal's own.
        """
        if not self.own:
            raise LocalRunError(
                f"no registry can be reached for {', '.join(references)}; stand-ins under these names need "
                "an engine of the rehearsal's own: run as root where `dockerd` is installed"
            )
        driver = self.docker("info", "--format", "{{.Driver}}")
        table = self.data / "image" / driver / "repositories.json"
        self.stop()
        found = json.loads(table.read_text())
        for reference in references:
            tagged, _, digest = reference.partition("@")
            repository = tagged.rpartition(":")[0]
            names = found["Repositories"][repository]
            names[f"{repository}@{digest}"] = names[tagged]
        table.write_text(json.dumps(found))
        self.start()

    def stop(self) -> None:
        """Ends an engine of our own; the containers have to be gone."""
        if self._popen:
            self._popen.terminate()
            self._popen.wait()
            # With live-restore it leaves its folder mounted on itself.
            subprocess.run(["umount", str(self.data)], capture_output=True, check=False)
        if self._lock:
            self._lock.close()
            self._lock = None

    def _version(self) -> str | None:
        done = self.docker.attempt("version", "--format", "{{.Server.Version}}")
        return done.stdout.decode().strip() or None if done.returncode == 0 else None

    def _serve(self) -> "subprocess.Popen[bytes]":
        for folder in (self._run, self.data):
            folder.mkdir(parents=True, exist_ok=True)
        self._check_room()
        self._lock = self._lock or (self._run / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalRunError(
                f"another rehearsal uses the engine in {self.data}; wait for it to end"
            ) from None
        self._starts += 1
        options = {
            "--host": self.docker.host,
            "--data-root": str(self.data),
            "--exec-root": str(self._run / "exec"),
            "--pidfile": str(self._run / "docker.pid"),
            # The rehearsal's networks are its own; the default one might be another engine's.
            "--bridge": "none",
            "--log-level": "warn",
            # As on the instance: containers run on when the engine does not.
            "--live-restore": "true",
        }
        words = [f"{key}={value}" for key, value in options.items()]
        return self._children.start(self._log(), ["dockerd", *words], environment={})

    def _check_room(self) -> None:
        """Before the first build, which would fail after minutes, and say something else."""
        free = shutil.disk_usage(self.data).free / 2**30
        if self._name == IMAGES and free < _GIB_OF_IMAGES and not any(self.data.iterdir()):
            raise NoEngineError(
                f"{self.data} has {free:.1f} GiB free, and images and containers need {_GIB_OF_IMAGES}: "
                "make room, set XDG_CACHE_HOME to a folder that has it, or rehearse with --engine processes"
            )

    def _log(self) -> str:
        return f"dockerd-{self._name}-{self._starts}"

    def _reason(self) -> str:
        if not self.own:
            return (
                "no container engine answers: start Docker, or run as root where `dockerd` is installed, "
                "then the rehearsal starts one of its own"
            )
        log = self._children.log(self._log())
        return f"dockerd does not start; the end of {log}:\n" + "\n".join(log.read_text().splitlines()[-8:])


@contextmanager
def network(docker: Docker, name: str) -> Iterator[str]:
    """A bridge network; gives the address at which its containers, and those of others, find this machine."""
    docker.attempt("network", "rm", name)
    docker("network", "create", name)
    try:
        yield json.loads(docker("network", "inspect", name))[0]["IPAM"]["Config"][0]["Gateway"]
    finally:
        docker.attempt("network", "rm", name)


def variables(values: Mapping[str, str]) -> str:
    """An `env_file`'s text."""
    return "".join(f"{name}={value}\n" for name, value in values.items())
