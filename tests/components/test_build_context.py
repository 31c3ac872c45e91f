"""What an image is built from is the same wherever it is checked out."""

from pathlib import Path

import pytest

from components.orchestration.build_context import content_tag, context_files, stage


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
    stage(context, target)
    modes = {str(path.relative_to(target)): path.stat().st_mode & 0o777 for path in target.rglob("*")}
    assert modes == {"bin": 0o755, "bin/run.sh": 0o755, "data.py": 0o644}
    assert target.stat().st_mode & 0o777 == 0o755


def test_staging_is_idempotent(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "one.py").write_text("1")
    for _ in range(2):
        stage(tmp_path / "context", tmp_path / "build" / "airflow-1")
    assert [path.name for path in (tmp_path / "build").rglob("*")] == ["airflow-1", "one.py"]
