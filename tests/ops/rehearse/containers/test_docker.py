"""What a rehearsal says where there is no engine that it can use."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from ops.local.services import Children
from ops.rehearse.cli import app
from ops.rehearse.containers.docker import Engine, NoEngineError

TOO_OLD = "the container engine is 24.0.7; allowed: 25 or newer"
SILENT = "no container engine answers: start Docker, or run as root where `dockerd` is installed"


def rehearse(folder: Path, *words: str) -> tuple[int, str]:
    """The exit code and the error of a rehearsal that cannot begin."""
    result = CliRunner().invoke(app, ["--output", str(folder / "output"), *words])
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("docker", "message"),
    [
        (None, "docker: not installed; install Docker with Compose"),
        ("exit 1", SILENT),
        ("echo 24.0.7", TOO_OLD),
    ],
)
def test_an_engine_that_cannot_be_used_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, docker: str | None, message: str
) -> None:
    """`docker` is all that is on the path, and says what a case needs."""
    if docker:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\n{docker}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, error = rehearse(tmp_path)
    assert (code, message in error) == (3, True), error


def test_images_need_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = SimpleNamespace(free=3 << 30)
    monkeypatch.setattr("ops.rehearse.containers.docker.shutil.disk_usage", lambda _: usage)
    for name in ("CACHE", "_RUN"):
        monkeypatch.setattr(f"ops.rehearse.containers.docker.{name}", tmp_path / name)
    engine = Engine(Children(tmp_path))
    engine.own = True
    with pytest.raises(NoEngineError, match=r"CACHE/images has 3\.0 GiB free, and images and .* need 12"):
        engine.start()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--engine", "podman"], "--engine: got 'podman', allowed: docker, processes"),
        (
            ["--host", "--tier", "standard"],
            "--host: allowed with --engine docker and --tier micro or learning",
        ),
        (["--host", "--engine", "processes"], "--host: allowed with --engine docker"),
        (["--tier", "micro", "--tier", "production"], "--tier: got 'production', allowed: micro, learning"),
        (["--host", "--tier", "micro", "--tier", "learning"], "--tier: got 2 tiers, allowed: one"),
        (["--images", "--engine", "processes"], "--images: allowed with --engine docker alone"),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, words: list[str], message: str) -> None:
    code, error = rehearse(tmp_path, *words)
    assert (code, message in error) == (2, True), error
