"""Whether images can be built here, asked before Docker's provider ends in a traceback or a build fails."""

import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime

from components.config.types import Architecture

# Where pulumi-docker looks for an engine: `configureDockerClient` in provider/image.go of
# https://github.com/pulumi/pulumi-docker.
_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock")
_SECONDS = 10
# Linux lists here what runs the programs of another processor.
_EMULATORS = Path("/proc/sys/fs/binfmt_misc")
_MACHINES: Mapping[Architecture, tuple[str, str]] = {
    "arm64": ("arm64", "qemu-aarch64"),
    "x86_64": ("amd64", "qemu-x86_64"),
}


def check_engine(images: Sequence[str], architecture: Architecture, *, instead: str) -> None:
    """Looks for a Docker engine that builds `images` for `architecture`; `instead` is what does without one.

    An engine that is reached otherwise than by a socket of this machine is not asked. A missing emulator is
    only a warning: an image that has not changed is not built again.

    Raises:
        pulumi.RunError: no engine answers.
    """
    engine = _engine(", ".join(images), instead)
    built_on = str(engine.get("Arch", ""))
    wanted, emulator = _MACHINES[architecture]
    # Docker Desktop and macOS run the engine in a machine of its own, which brings emulators.
    desktop = "Desktop" in str(engine.get("Platform", {}).get("Name", ""))
    if built_on in ("", wanted) or desktop or sys.platform != "linux" or (_EMULATORS / emulator).exists():
        return
    pulumi.log.warn(
        f"{', '.join(images)}: to build for {architecture} on {built_on} Docker needs QEMU, which is not "
        f"registered here: run `docker run --privileged --rm tonistiigi/binfmt --install {wanted}`, "
        f"or {instead}"
    )


def _engine(images: str, instead: str) -> Mapping[str, Any]:
    """What the engine says of itself; empty for one that is not asked."""
    chosen = pulumi.runtime.get_config("docker:host") or os.environ.get("DOCKER_HOST")
    hosts = [chosen] if chosen else [f"unix://{Path(one).expanduser()}" for one in _SOCKETS]
    problems = []
    for host in hosts:
        scheme, _, path = host.partition("://")
        if scheme != "unix":
            return {}
        try:
            return _version(path)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problems.append(f"{host} ({getattr(error, 'strerror', None) or error})")
    raise pulumi.RunError(
        f"{images}: no Docker engine to build with answers at {problems[0]}; "
        f"start Docker, name another engine with DOCKER_HOST, or {instead}"
    )


def _version(path: str) -> Mapping[str, Any]:
    """https://docs.docker.com/reference/api/engine/ , `SystemVersion`."""
    connection = http.client.HTTPConnection("localhost", timeout=_SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(_SECONDS)
        connection.sock.connect(path)
        connection.request("GET", "/version")
        answer: Mapping[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer
