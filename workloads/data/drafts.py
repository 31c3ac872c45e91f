"""Files that are there as a whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A file to write instead of `path`, in whose place it is put when the block ends without an error.

    No two drafts are the same file: commands that fetch one month at the same time do not disturb each other.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
