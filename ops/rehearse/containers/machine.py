"""An EC2 instance as a container: systemd, cloud-init, the unmodified user data, and an engine inside."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.rehearse.containers.bases import build_on_debian, debian
from ops.rehearse.containers.docker import Docker, Engine

NAME = "instance"
IMAGE = "rehearsal/instance"
UNIT = "platform.service"
_FOLDER = Path(__file__).parent / "ec2"
# Amazon Linux 2023 has the systemd of Debian 12; a container engine as new as its own is Debian 13's.
_SUITES = ("bookworm", "trixie")
_PACKAGES = (
    *(
        "ca-certificates",
        "cloud-init",
        "curl",
        "dbus",
        "iproute2",
        "iptables",
        "jq",
        "procps",
        "python3-venv",
    ),
    *("systemd", "systemd-sysv"),
    *("containerd/trixie", "docker-cli/trixie", "docker.io/trixie", "runc/bookworm"),
)
_PAUSE_SECONDS = 1.0


def build(docker: Docker) -> None:
    """Builds the instance's image."""
    build_on_debian(docker, IMAGE, _FOLDER, debian(docker, _SUITES, _PACKAGES))


@contextmanager
def builder(children: Children) -> Iterator[Engine]:
    """The engine whose images an instance finds; it has to be gone when the instance starts its own."""
    engine = Engine(children)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


def forget(children: Children) -> None:
    """Leaves the images, and nothing of what an instance had beside them."""
    with builder(children) as engine:
        for kind, words in {"container": ["ls", "--all", "--quiet"], "volume": ["ls", "--quiet"]}.items():
            if found := engine.docker(kind, *words).split():
                engine.docker(kind, "rm", "--force", *found)
        engine.docker("network", "prune", "--force")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One instance at a time, on an engine of its own.

    Args:
        engine: What the instance is a container of.
        network: The network from which AWS' stand-in can be reached.
        images: The folder in which the engine inside keeps what it has: it finds the images there.
        memory_mib: The instance type's.
        folder: Where what the instance is given is written to.
    """

    engine: Engine
    network: str
    images: Path
    memory_mib: int
    folder: Path

    @property
    def inside(self) -> Docker:
        """The engine of the instance."""
        return Docker(self.engine.docker.host, within=NAME)

    @property
    def address(self) -> str:
        """Where the instance is reached."""
        found = json.loads(self.engine.docker("inspect", NAME))[0]
        return str(found["NetworkSettings"]["Networks"][self.network]["IPAddress"])

    def launch(self, user_data: str, environment: Mapping[str, str]) -> None:
        """Boots a new instance; `environment` is what the AWS command line needs beside the metadata."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "user-data").write_text(user_data)
        (self.folder / "meta-data").write_text(f"instance-id: i-{time.time_ns()}\n")
        words = " ".join(f'"{key}={value}"' for key, value in environment.items())
        (self.folder / "account.conf").write_text(f"[Manager]\nDefaultEnvironment={words}\n")
        mounts = {
            self.images: "/var/lib/docker",
            self.folder / "user-data": "/var/lib/cloud/seed/nocloud/user-data:ro",
            self.folder / "meta-data": "/var/lib/cloud/seed/nocloud/meta-data:ro",
            self.folder / "account.conf": "/etc/systemd/system.conf.d/account.conf:ro",
        }
        volumes = [
            word for here, there in mounts.items() for word in ("--volume", f"{here.resolve()}:{there}")
        ]
        memory = f"{self.memory_mib}m"
        limits = ["--memory", memory, "--memory-swap", memory]
        # As many rights as a machine's own system has; the kernel is shared with this one nevertheless.
        rights = ["--privileged", "--cgroupns", "private", "--tmpfs", "/run:exec"]
        place = ["--name", NAME, "--hostname", NAME, "--network", self.network]
        self.engine.docker("run", "--detach", *place, *limits, *rights, *volumes, IMAGE)

    def terminate(self) -> None:
        """Takes the instance away without a word, and its volume with it."""
        self.engine.docker.attempt("rm", "--force", "--volumes", NAME)

    def reboot(self, seconds: float) -> None:
        """Shuts the system down in order and starts it again."""
        self.run("systemctl", "reboot")
        deadline = time.monotonic() + seconds
        while self.engine.docker("inspect", "--format", "{{.State.Running}}", NAME) == "true":
            if time.monotonic() > deadline:
                raise LocalRunError(f"the instance had not shut down after {seconds:.0f} s\n{self.journal()}")
            time.sleep(_PAUSE_SECONDS)
        self.engine.docker("start", NAME)

    def run(self, *command: str) -> str:
        """What a command printed on the instance, whatever its exit code."""
        done = self.engine.docker.attempt("exec", NAME, *command)
        return done.stdout.decode(errors="replace").strip()

    def state(self, unit: str) -> str:
        """systemd's word for a unit's state: `active`, `activating`, `failed`, ..."""
        return self.run("systemctl", "is-active", unit)

    def containers(self) -> dict[str, str]:
        """Each container's state, health and exit code, and when it was started, by service."""
        form = (
            '{{index .Config.Labels "com.docker.compose.service"}} {{.HostConfig.RestartPolicy.Name}} '
            "{{.State.Status}} {{with .State.Health}}{{.Status}}{{end}} {{.State.ExitCode}} "
            "{{.State.StartedAt}}"
        )
        found = self.inside.attempt("ps", "--all", "--quiet").stdout.decode().split()
        lines = self.inside.attempt("inspect", "--format", form, *found).stdout.decode() if found else ""
        return dict(line.split(" ", 1) for line in lines.splitlines())

    def wait(self, seconds: float) -> float:
        """Seconds until the platform's unit is active and every container is sound.

        Raises:
            LocalRunError: they are not within `seconds`; with their states and the unit's last words.
        """
        began = time.monotonic()
        while True:
            unit, found = self.state(UNIT), self.containers()
            if unit == "active" and found and all(_sound(state) for state in found.values()):
                return round(time.monotonic() - began, 1)
            if time.monotonic() - began > seconds:
                unsound = {name: state for name, state in found.items() if not _sound(state)}
                raise LocalRunError(
                    f"after {seconds:.0f} s {UNIT} is {unit}, not sound: {unsound}\n{self.journal()}"
                )
            time.sleep(_PAUSE_SECONDS)

    def modes(self) -> dict[str, str]:
        """Who may read each file with secrets, as `stat` words it."""
        lines = self.run("sh", "-c", "stat --format '%n %a %U' /run/platform/*.env").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def journal(self) -> str:
        """The last lines of what cloud-init and the platform's units said."""
        units = [word for unit in ("cloud-final", "docker", "platform*") for word in ("--unit", unit)]
        return self.run("journalctl", "--no-pager", "--lines", "40", "--output", "cat", *units)


def _sound(state: str) -> bool:
    policy, status, health, code, _ = state.split(" ")
    return (status, health) == ("running", "healthy") if policy != "no" else (status, code) == ("exited", "0")
