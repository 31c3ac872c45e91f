"""Where files come from and go to: a folder, or a prefix in S3."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from workloads.automl.bucket import Bucket
from workloads.data.atomic import atomic_write
from workloads.training.errors import SettingError, TrainingError

SUFFIXES = (".parquet", ".csv")


class Place(Protocol):
    """Files by their names, which may hold slashes; every method raises a TrainingError."""

    def list(self) -> dict[str, str]:
        """The names in order, and what changes when a file does."""

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None when there is no such file."""

    def write(self, name: str, body: bytes) -> None:
        """Writes a file as a whole."""

    def fetch(self, name: str, folder: Path) -> Path:
        """The file on this machine; it may be a copy in `folder`."""

    def store(self, name: str, path: Path) -> None:
        """Copies a file of this machine's here, as a whole."""

    def holds(self, other: "Place") -> bool:
        """Whether what is written to `other` is listed here."""


def place_of(setting: str, text: str) -> Place:
    """`s3://BUCKET/PREFIX` or a folder.

    Raises:
        SettingError: the address names no bucket.
    """
    if not text.startswith("s3://"):
        return Folder(Path(text))
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not bucket:
        raise SettingError(f"{setting}: got {text!r}, allowed: s3://BUCKET/PREFIX or a folder")
    folder, slash, name = prefix.rpartition("/")
    if name.endswith(SUFFIXES):
        return Prefix(Bucket(bucket), folder + slash, only=name)
    return Prefix(Bucket(bucket), prefix.rstrip("/") + "/" if prefix else "")


class Folder:
    """A folder, or a single file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def list(self) -> dict[str, str]:
        if self._path.is_file():
            return {self._path.name: _tag(self._path)}
        files = sorted(path for path in self._path.rglob("*") if path.is_file())
        return {str(path.relative_to(self._path)): _tag(path) for path in files}

    def read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, body: bytes) -> None:
        with self._writing(name) as temporary:
            temporary.write_bytes(body)

    def fetch(self, name: str, folder: Path) -> Path:
        del folder  # the file is on this machine already
        return self._path if self._path.is_file() else self._path / name

    def store(self, name: str, path: Path) -> None:
        with self._writing(name) as temporary:
            shutil.copyfile(path, temporary)

    def holds(self, other: Place) -> bool:
        return isinstance(other, Folder) and other._path.resolve().is_relative_to(self._path.resolve())

    @contextmanager
    def _writing(self, name: str) -> Iterator[Path]:
        try:
            with atomic_write(self._path / name) as temporary:
                yield temporary
        except OSError as error:
            raise TrainingError(
                f"{self._path}: cannot be written ({error}); choose another folder"
            ) from error


class Prefix:
    """A prefix in a bucket, empty or with a slash at its end; `only` is the one object of it that counts."""

    def __init__(self, bucket: Bucket, prefix: str, *, only: str = "") -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._only = only

    def list(self) -> dict[str, str]:
        found = self._bucket.list(self._prefix + self._only)
        names = {key.removeprefix(self._prefix): tag for key, tag in found.items()}
        return {name: tag for name, tag in names.items() if self._only in ("", name)}

    def read(self, name: str) -> bytes | None:
        return self._bucket.get(self._prefix + name)

    def write(self, name: str, body: bytes) -> None:
        self._bucket.put(self._prefix + name, body)

    def fetch(self, name: str, folder: Path) -> Path:
        path = folder / Path(name).name
        self._bucket.download(self._prefix + name, path)
        return path

    def store(self, name: str, path: Path) -> None:
        self._bucket.upload(self._prefix + name, path)

    def holds(self, other: Place) -> bool:
        return (
            isinstance(other, Prefix)
            and other._bucket.name == self._bucket.name
            and not self._only
            and other._prefix.startswith(self._prefix)
        )


def _tag(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
