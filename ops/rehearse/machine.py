"""This machine made ready: programs of Debian, Python environments, ports, folders, a database cluster."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from ops.local import chromium
from ops.local.errors import LocalRunError
from ops.local.services import ROOT
from ops.rehearse.plan import ARTIFACTS, CLUSTER, PORTS, Machine

IMAGES = ROOT / "workloads" / "images"


def programs() -> str:
    """The folders with the programs of Postgres, Redis and the browser, as a search path.

    Raises:
        LocalRunError: one of them is not installed.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    path = os.pathsep.join([*(str(folder) for folder in reversed(versions)), os.environ["PATH"]])
    missing = [
        name
        for name in ("initdb", "postgres", "redis-server", "openssl")
        if not shutil.which(name, path=path)
    ]
    if not chromium.program():
        missing.append("chromium")
    if missing:
        raise LocalRunError(
            f"{', '.join(missing)}: not installed; on Debian run "
            "`apt-get install postgresql redis-server openssl chromium`"
        )
    return path


def environment(image: str, cache: Path) -> Path:
    """The `bin` folder of a Python environment with what an image installs, made when it is not there yet.

    Raises:
        LocalRunError: a package cannot be had.
    """
    requirements = IMAGES / image / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = cache / f"{image}-{digest}"
    if not folder.is_dir():
        draft = cache / f"{image}-{digest}.draft"
        _uv("venv", "--quiet", "--clear", "--relocatable", "--python", sys.executable, str(draft))
        python = ["--python", str(draft / "bin" / "python")]
        options = ["--quiet", "--no-deps", "--compile-bytecode"]
        _uv("pip", "install", *python, *options, "--requirements", str(requirements))
        draft.rename(folder)
    return folder / "bin"


def ready(state: Path, *, paths: dict[str, str]) -> Machine:
    """Ports that are free, and folders of this rehearsal's own; `paths` by service, see `Machine`."""
    wanted = list(PORTS.values())
    folders = {
        "/platform/bin": IMAGES / "bin",
        "/opt/airflow/dags": ROOT / "workloads" / "dags",
        "/opt/airflow/logs": state / "airflow-logs",
        "/tmp/auth.ini": state / "auth.ini",  # noqa: S108 - a path in a container
        "/opt/workloads/bin/python": Path(sys.executable),
        CLUSTER: state / "postgres",
        "/backups": state / "restore",
        "/var/lib/status": state / "status",
        ARTIFACTS: state / "artifacts",
    }
    folders["/var/lib/status"].mkdir()
    return Machine(ports=dict(zip(wanted, _free(len(wanted)), strict=True)), folders=folders, programs=paths)


def unprivileged(command: list[str]) -> list[str]:
    """The command as the user `postgres` where this is root, as whom Postgres refuses to run."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command]


def make_cluster(folder: Path, password: str, path: str) -> None:
    """Makes an empty database cluster, as Postgres' image does at its first start."""
    folder.mkdir()
    secret = folder.with_suffix(".password")
    secret.write_text(password)
    if os.geteuid() == 0:
        for owned in (folder, secret):
            shutil.chown(owned, "postgres", "postgres")
    command = ["initdb", "-D", str(folder), "-U", "platform", "--auth-host", "scram-sha-256"]
    # A certificate as RDS has one: its clients ask for TLS, and Postgres has it where it is switched on.
    certificate = ["-out", str(folder / "server.crt"), "-keyout", str(folder / "server.key")]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=local"]
    for words in ([*command, "--pwfile", str(secret)], [*request, *certificate]):
        done = subprocess.run(
            unprivileged(words),
            env={"PATH": path, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalRunError(f"{words[0]} failed: {done.stderr.strip()}")
    secret.unlink()


def _uv(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalRunError(f"uv {' '.join(words)} failed:\n{done.stderr.strip()}")


def _free(count: int) -> list[int]:
    """Ports that nobody has, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
