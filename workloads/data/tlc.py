"""Months from TLC's public files, kept in a cache with their checksums."""

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import stamina

from workloads.data.drafts import draft
from workloads.data.months import DataError, file_name

# https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page
URL = "https://d37ci6vzurychx.cloudfront.net/trip-data"
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
        # As it is: the length that the site announces is that of the file.
        return httpx.Client(timeout=20, headers={"Accept-Encoding": "identity"})
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise DataError(f"ALL_PROXY, HTTPS_PROXY: {error}; name another proxy, or give a folder") from error


def reachable(client: httpx.Client) -> bool:
    """Whether the site has a file within `PROBE_SECONDS`, looking its name up included.

    A proxy that refuses the site in its own name is no answer of the site.
    """
    answered = threading.Event()

    def probe() -> None:
        try:
            client.head(f"{URL}/{file_name('2023-01')}", timeout=PROBE_SECONDS).raise_for_status()
        except httpx.HTTPError:
            return
        answered.set()

    # In a thread of its own, because no timeout ends a resolver that waits for its servers.
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answered.is_set()


def cached(folder: Path, month: str) -> Path | None:
    """The month's file, if it is there and its bytes are those that were downloaded."""
    path = folder / file_name(month)
    try:
        record = json.loads(_record(path).read_text())
        return path if record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() else None
    except (OSError, ValueError, KeyError):
        return None


def download(client: httpx.Client, folder: Path, month: str, progress: Progress) -> Path:
    """Downloads the month into the cache; what is there already stays until the new file is whole.

    Raises:
        UnreachableError: the site did not answer after several attempts.
        DataError: TLC has no such month, or sent something else than a parquet file.
    """
    path = folder / file_name(month)
    with draft(path) as part:
        digest = _whole(client, f"{URL}/{path.name}", month, part, progress)
    _record(path).write_text(json.dumps({"sha256": digest, "url": f"{URL}/{path.name}"}))
    return path


def _record(path: Path) -> Path:
    return path.with_suffix(".json")


def _whole(client: httpx.Client, url: str, month: str, part: Path, progress: Progress) -> str:
    """Writes the parquet file at `url` to `part`, in several attempts if need be; gives its SHA-256."""
    try:
        for attempt in stamina.retry_context(on=_passing, attempts=4, timeout=120):
            with attempt:
                digest = _stream(client, url, month, part, progress)
    except httpx.HTTPStatusError as error:
        raise DataError(
            f"{month}: {error.request.url} answered {error.response.status_code}; TLC publishes a month "
            "about two months later, choose an earlier one"
        ) from error
    except httpx.TransportError as error:
        raise UnreachableError(f"{URL} does not answer: {error}; give a folder with --data") from error
    body = part.read_bytes()
    if body[:4] != _MAGIC or body[-4:] != _MAGIC:
        raise DataError(f"{month}: {url} is no parquet file; try again later")
    return digest


def _passing(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)


def _stream(client: httpx.Client, url: str, month: str, part: Path, progress: Progress) -> str:
    """Writes the body to `part`; gives its SHA-256."""
    digest = hashlib.sha256()
    with client.stream("GET", url) as response, part.open("wb") as file:
        response.raise_for_status()
        total = int(response.headers.get("Content-Length", 0))
        for chunk in response.iter_bytes(1 << 16):
            file.write(chunk)
            digest.update(chunk)
            progress(month, file.tell(), total)
        if total and file.tell() != total:
            raise httpx.ReadError(f"{url} ended after {file.tell()} of {total} bytes")
    return digest.hexdigest()
