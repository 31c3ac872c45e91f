"""Images: what is missing is said before a build; rights to pull follow the partition."""

import json
import socketserver
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.common import docker_engine
from components.config.types import Architecture
from components.orchestration.images import Images

BUILT = {"airflow": "", "mlflow": "", "status": "ghcr.io/team/status:1"}


@contextmanager
def engine(version: dict[str, Any]) -> Iterator[str]:
    """A Docker engine that only says what it is; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(version).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "unix"

        def log_message(self, *_: Any) -> None:
            pass

    # Not in tmp_path: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "docker.sock"))
        with socketserver.UnixStreamServer(path, Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield f"unix://{path}"
            server.shutdown()


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What the program warned of, on a machine that emulates no other processor."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    monkeypatch.setattr(docker_engine, "_EMULATORS", tmp_path)
    return said


def images(deploy: Callable[..., Any], architecture: Architecture = "arm64", **invokes: Any) -> Any:
    return deploy(lambda: Images("images", BUILT, architecture=architecture), **invokes)


def test_a_missing_engine_is_named(deploy: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    with pytest.raises(pulumi.RunError) as refused:
        images(deploy)
    assert str(refused.value) == (
        "airflow, mlflow: no Docker engine to build with answers at unix:///nonexistent/docker.sock "
        "(No such file or directory); start Docker, name another engine with DOCKER_HOST, or name images in "
        "a registry with airflowImageUri, mlflowImageUri"
    )


def test_what_is_in_a_registry_needs_no_engine(
    deploy: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    deployed = deploy(lambda: Images("images", dict.fromkeys(BUILT, "a.example/b:1"), architecture="arm64"))
    assert not deployed.all("Image")


@pytest.mark.parametrize(
    ("version", "architecture", "said"),
    [
        ({"Arch": "amd64"}, "arm64", True),
        ({"Arch": "amd64"}, "x86_64", False),
        ({"Arch": "arm64"}, "arm64", False),
        ({"Arch": "arm64"}, "x86_64", True),
        ({"Arch": "amd64", "Platform": {"Name": "Docker Desktop 4.40"}}, "arm64", False),
    ],
)
def test_a_missing_emulator_is_named(
    version: dict[str, Any],
    architecture: Architecture,
    said: bool,
    deploy: Callable[..., Any],
    warnings: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with engine(version) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        assert len(images(deploy, architecture).all("Image")) == 2
    assert len(warnings) == said
    assert all("QEMU" in one and "airflowImageUri, mlflowImageUri" in one for one in warnings)


def test_an_emulator_is_found(
    deploy: Callable[..., Any], warnings: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "qemu-aarch64").touch()
    with engine({"Arch": "amd64"}) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        images(deploy)
    assert not warnings


@pytest.mark.parametrize(
    ("partition", "registry"),
    [
        ("aws", "123456789012.dkr.ecr.eu-north-1.amazonaws.com"),
        ("aws-us-gov", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com"),
        ("aws-cn", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_repository_is_in_the_partition(partition: str, registry: str, deploy: Callable[..., Any]) -> None:
    def program() -> Any:
        made = Images("images", {"airflow": f"{registry}/team/airflow:7"}, architecture="arm64")
        return pulumi.Output.all(*made.repository_arns)

    invokes = {"aws:index/getPartition:getPartition": {"partition": partition}}
    region = registry.split(".")[3]
    assert deploy(program, invokes=invokes).result == [
        f"arn:{partition}:ecr:{region}:123456789012:repository/team/airflow"
    ]
