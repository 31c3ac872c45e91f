"""A run deletes only what a run made."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.local.errors import LocalRunError
from ops.local.folder import PROCESSES, claim, clear, require_free
from ops.sandbox.cli import app


def test_refuses_a_folder_that_no_run_made(tmp_path: Path) -> None:
    tracked = tmp_path / "logs" / "tracked.txt"
    tracked.parent.mkdir()
    tracked.write_text("mine")
    with pytest.raises(LocalRunError, match=r"--output: .* holds files that no run made"):
        claim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
    assert tracked.read_text() == "mine"


def test_takes_new_empty_and_its_own_folders(tmp_path: Path) -> None:
    claim(tmp_path / "new" / "folder")
    (tmp_path / "new" / "folder" / "logs").mkdir()
    claim(tmp_path / "new" / "folder")
    (tmp_path / "empty").mkdir()
    claim(tmp_path / "empty")


@pytest.mark.parametrize("place", ["/proc/no-folder", "/dev/null/folder"])
def test_folder_that_cannot_be_made(place: str) -> None:
    with pytest.raises(LocalRunError, match=f"--output: {place}.* cannot be written .*; give a folder"):
        claim(Path(place))


def test_clears_exact_names_and_follows_no_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    folder = tmp_path / "run"
    claim(folder)
    (folder / "logs").mkdir()
    (folder / "logs" / "moto.log").touch()
    (folder / "mlflow").symlink_to(mine)
    (folder / "summary.json").touch()
    (folder / "notes.txt").touch()
    clear(folder, ["logs", "mlflow", "summary.json", "missing"])
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "processes.json"]
    assert (mine / "file").read_text() == "mine"


def test_disk_without_room(tmp_path: Path) -> None:
    require_free(tmp_path, 0)
    with pytest.raises(LocalRunError, match=rf"disk of {tmp_path} has \d+ MiB free, and a run takes"):
        require_free(tmp_path, 10**12)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without a free byte."""
    folder = tmp_path / "full"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        with suppress(OSError), (folder / "filling").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        (folder / "run").mkdir()
        (folder / "run" / PROCESSES).touch()
        yield folder / "run"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(full_disk: Path) -> None:
    result = CliRunner().invoke(app, ["--output", str(full_disk)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "No space left on device" in result.stderr
    assert str(full_disk) in result.stderr
