"""Months from TLC's public files, kept in a cache with their checksums."""

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import stamina

from workloads.data.atomic import atomic_write
from workloads.data.dataset import GREEN, URL, Dataset
from workloads.data.months import DataError

PROBE_SECONDS = 2.5
_MAGIC = b"PAR1"  # at both ends of a parquet file

Progress = Callable[[str, int, int], None]  # month, bytes so far, bytes in all (0 if unknown)


class UnreachableError(DataError):
    """TLC's site does not answer from here."""


def connect() -> httpx.Client:
    """A client for the site.

    Raises:
        DataError: the environment names a proxy that cannot be used.
    """
    try:
        # Uncompressed: Content-Length is then the length of the file.
        return httpx.Client(timeout=20, headers={"Accept-Encoding": "identity"})
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise DataError(f"ALL_PROXY, HTTPS_PROXY: {error}; name another proxy, or give a folder") from error


def reachable(client: httpx.Client) -> bool:
    """Whether the site answers for a file within `PROBE_SECONDS`, the look-up of its name included.

    A proxy's refusal is not an answer of the site.
    """
    answered = threading.Event()

    def probe() -> None:
        try:
            client.head(GREEN.url("2023-01"), timeout=PROBE_SECONDS).raise_for_status()
        except httpx.HTTPError:
            return
        answered.set()

    # In a thread of its own, because no timeout ends a resolver that waits for its servers.
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answered.is_set()


def cached(folder: Path, month: str, dataset: Dataset = GREEN) -> Path | None:
    """The month's file, if it is in the cache and has the checksum of the download."""
    path = folder / dataset.file_name(month)
    try:
        record = json.loads(_record(path).read_text())
        return path if record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() else None
    except (OSError, ValueError, KeyError):
        return None


def download(
    client: httpx.Client, folder: Path, month: str, progress: Progress, dataset: Dataset = GREEN
) -> Path:
    """Downloads the month into the cache; an older file stays until the new one is complete.

    Raises:
        UnreachableError: the site did not answer after several attempts.
        DataError: TLC has no such month, or sent something that is not a parquet file.
    """
    path, url = folder / dataset.file_name(month), dataset.url(month)
    with atomic_write(path) as temporary:
        digest = _download(client, url, month, temporary, progress)
    _record(path).write_text(json.dumps({"sha256": digest, "url": url}))
    return path


def _record(path: Path) -> Path:
    return path.with_suffix(".json")


def _download(client: httpx.Client, url: str, month: str, temporary: Path, progress: Progress) -> str:
    """Writes the parquet file at `url` to `temporary`, with retries; gives its SHA-256."""
    try:
        for attempt in stamina.retry_context(on=_is_transient, attempts=4, timeout=120):
            with attempt:
                digest = _stream(client, url, month, temporary, progress)
    except httpx.HTTPStatusError as error:
        raise DataError(
            f"{month}: {error.request.url} answered {error.response.status_code}; TLC publishes a month "
            "about two months later, choose an earlier one"
        ) from error
    except httpx.TransportError as error:
        raise UnreachableError(f"{URL} does not answer: {error}; give a folder with --data") from error
    body = temporary.read_bytes()
    if body[:4] != _MAGIC or body[-4:] != _MAGIC:
        raise DataError(f"{month}: {url} is not a parquet file; try again later")
    return digest


def _is_transient(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)


def _stream(client: httpx.Client, url: str, month: str, temporary: Path, progress: Progress) -> str:
    """Writes the body to `temporary`; gives its SHA-256."""
    digest = hashlib.sha256()
    with client.stream("GET", url) as response, temporary.open("wb") as file:
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", 0))
        for chunk in response.iter_bytes(1 << 16):
            file.write(chunk)
            digest.update(chunk)
            progress(month, file.tell(), total)
        if total and file.tell() != total:
            raise httpx.ReadError(f"{url} ended after {file.tell()} of {total} bytes")
    return digest.hexdigest()
