"""The folder of a run: made by a run, and cleared only of what a run makes."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from ops.local.errors import LocalRunError

PROCESSES = "processes.json"  # also tells the folder of a run from any other
MIB = 2**20


def claim(folder: Path) -> None:
    """Makes the folder, or takes one that a run made before.

    Raises:
        LocalRunError: it cannot be written, or holds files and was not made by a run.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = any(folder.iterdir()) and not (folder / PROCESSES).is_file()
        if not foreign:
            (folder / PROCESSES).open("a").close()
    except OSError as error:
        raise LocalRunError(unwritable(error, folder)) from None
    if foreign:
        raise LocalRunError(
            f"--output: {folder} holds files that no run made, and a run deletes what the last one left; "
            "give a new or an empty folder"
        )


def clear(folder: Path, names: Iterable[str]) -> None:
    """Deletes these files and folders of a claimed folder; of a link only the link."""
    for name in names:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def require_free(folder: Path, mib: int) -> None:
    """Checks that the disk has room.

    Raises:
        LocalRunError: it has less than `mib`.
    """
    free = shutil.disk_usage(folder).free // MIB
    if free < mib:
        raise LocalRunError(
            f"--output: the disk of {folder} has {free} MiB free, and a run takes up to {mib}; "
            "free some, or give a folder on another disk"
        )


def unwritable(error: OSError, folder: Path) -> str:
    """What to say when something in the folder of a run cannot be written."""
    path = error.filename or folder
    return f"--output: {path} cannot be written ({error.strerror or error}); give a folder that can be"
