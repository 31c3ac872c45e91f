"""What an image is built from is the same wherever it is checked out."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from components.common.build_context import content_tag, context_files, stage
from components.common.paths import LAMBDA, WORKLOADS
from components.orchestration.images import Images
from components.streaming.function_code import code
from components.streaming.settings import StreamingSettings


def test_tag_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1")
    first = content_tag("airflow", "arm64", tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "one.pyc").write_bytes(b"")
    (tmp_path / ".hidden").write_text("")
    assert content_tag("airflow", "arm64", tmp_path) == first
    assert [path.name for path in context_files(tmp_path)] == ["one.py"]
    (tmp_path / "one.py").write_text("2")
    assert (
        len({first, *(content_tag("airflow", processor, tmp_path) for processor in ("arm64", "x86_64"))}) == 3
    )


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_modes_do_not_follow_the_umask(tmp_path: Path, umask: int) -> None:
    """pulumi-docker's digest includes modes, and another digest under the same tag is refused."""
    context, target = tmp_path / "context", tmp_path / "build" / "airflow-1"
    (context / "bin").mkdir(parents=True)
    for name, mode in (("bin/run.sh", 0o777), ("data.py", 0o666)):
        (context / name).write_text("")
        (context / name).chmod(mode & ~umask)
    (context / "bin").chmod(0o777 & ~umask)
    assert stage(context, "airflow-1", folder=tmp_path / "build") == target
    modes = {str(path.relative_to(target)): path.stat().st_mode & 0o777 for path in target.rglob("*")}
    assert modes == {"bin": 0o755, "bin/run.sh": 0o755, "data.py": 0o644}
    assert target.stat().st_mode & 0o777 == 0o755


def test_staging_is_idempotent(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "one.py").write_text("1")
    for _ in range(2):
        stage(tmp_path / "context", "airflow-1", folder=tmp_path / "build")
    assert [path.name for path in (tmp_path / "build").rglob("*")] == ["airflow-1", "one.py"]


@pytest.mark.parametrize("source", [WORKLOADS, LAMBDA])
def test_the_digest_follows_neither_umask_nor_path(source: Path, tmp_path: Path) -> None:
    """As pulumi-docker has it: every file's path in the context, its mode and its content."""
    digests = set()
    for umask in (0o022, 0o077):
        checkout = tmp_path / f"checkout-{umask}"
        for path in context_files(source):
            copy = checkout / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod((0o777 if path.stat().st_mode & 0o100 else 0o666) & ~umask)
        name = content_tag("image", "arm64", checkout)
        staged = stage(checkout, name, folder=tmp_path / f"{umask}")
        digest = hashlib.sha256(name.encode())
        for path in sorted(staged.rglob("*")):
            digest.update(f"{path.relative_to(staged)} {path.stat().st_mode:o}".encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
        digests.add(digest.hexdigest())
    assert len(digests) == 1


def test_builds_name_no_absolute_path(deploy: Any) -> None:
    def program() -> None:
        images = Images("images", {"airflow": "", "mlflow": ""}, architecture="arm64")
        code("streaming", StreamingSettings(lambda_packaging="image"), parent=images)

    builds = [image.inputs["build"] for image in deploy(program).all("Image")]
    assert len(builds) == 3
    for build in builds:
        assert build["context"].startswith("build/images/")
        assert build["dockerfile"].startswith(build["context"])
