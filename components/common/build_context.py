"""What an image is built from: files whose names, content and modes are the same on every machine."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from components.common.paths import ROOT

_STAGED = ROOT / "build" / "images"


def content_tag(image: str, architecture: str, context: Path, parts: Sequence[str] = ()) -> str:
    """A tag that changes when a file of the image's build context does, and only then."""
    digest = hashlib.sha256(f"{image} {architecture}".encode())
    for path in context_files(context, parts):
        digest.update(f"{path.relative_to(context)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def context_files(context: Path, parts: Sequence[str] = ()) -> list[Path]:
    """The files that Docker is sent, in order: what `.dockerignore` names is left out here too.

    `parts` are the files and folders of the context that it consists of; none means all of it.
    """
    places = [context / part for part in parts] or [context]
    found = (path for place in places for path in (place, *place.rglob("*")) if path.is_file())
    return sorted(path for path in found if not _ignored(path.relative_to(context).parts))


def stage(context: Path, name: str, parts: Sequence[str] = (), *, folder: Path = _STAGED) -> Path:
    """Copies the build context to `folder` under a `name` for its content, with the modes that Git knows.

    pulumi-docker's digest of a context includes file modes, which follow the umask of whoever checked the
    project out: it would build the same commit again, and a repository whose tags do not move refuses that.
    """
    target = folder / name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for path in context_files(context, parts):
            copy = draft / path.relative_to(context)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        draft.rename(target)
    except OSError:
        if not target.exists():  # another process may have staged the same content first
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _ignored(parts: Sequence[str]) -> bool:
    return "__pycache__" in parts or any(part.startswith(".") for part in parts)
