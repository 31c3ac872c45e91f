"""The archive of what notebooks import and of what the environments are made from, named by its content."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from components.common.instance_files import archive
from components.common.paths import ROOT, WORKLOADS

_BUILT = ROOT / "build" / "workstation"
_IMAGES = WORKLOADS / "images"
_LOCKS = _IMAGES / "workstation"
# What runs in containers alone, and has nothing to import.
_LEFT_OUT = (_IMAGES, WORKLOADS / "dags")


@dataclass(frozen=True, kw_only=True)
class Code:
    """A gzipped tar and the SHA-256 of its bytes."""

    path: Path
    sha256: str


def pack(folder: Path = _BUILT) -> Code:
    """Packs the workloads, the starter notebook and the locks; the same bytes for the same files."""
    packed = archive({str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in _files()})
    digest = hashlib.sha256(packed).hexdigest()
    path = folder / f"{digest[:16]}.tar.gz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")  # another process may pack the same
        draft.write_bytes(packed)
        draft.rename(path)
    return Code(path=path, sha256=digest)


def _files() -> list[Path]:
    modules = [
        path
        for pattern in ("*.py", "*.csv", "*.ipynb")
        for path in WORKLOADS.rglob(pattern)
        if not any(path.is_relative_to(folder) for folder in _LEFT_OUT)
        and ".ipynb_checkpoints" not in path.parts
    ]
    return sorted([*modules, *_LOCKS.glob("*/requirements.txt")])
