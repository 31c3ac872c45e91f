"""Where months come from: a folder, the cache, TLC's site, or, if none of them has them, a generator."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from workloads.data import synthetic, tlc
from workloads.data.months import DataError, checked, damaged, file_name


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The months' files, and what they are: `tlc` or `synthetic`; never some of each."""

    source: str
    files: Mapping[str, Path]


def cache_folder(environ: Mapping[str, str]) -> Path:
    """MLOPS_CACHE_DIR, or a folder in the user's own cache."""
    own = environ.get("MLOPS_CACHE_DIR")
    return Path(own) if own else Path.home() / ".cache" / "mlops-taxi-prediction"


def fetch(
    months: Sequence[str],
    *,
    data: Path | None,
    environ: Mapping[str, str],
    client: httpx.Client,
    progress: tlc.Progress,
) -> Fetched:
    """Finds every month.

    Args:
        months: As YYYY-MM.
        data: A folder that must hold them all; None looks in MLOPS_DATA_DIR, the cache and TLC's site.
        environ: The environment.
        client: For the downloads.
        progress: Told of every piece of a download.

    Raises:
        DataError: a month is none, its file is damaged, or it cannot be had although TLC's site answers.
    """
    wanted = [checked(month) for month in dict.fromkeys(months)]
    if data is not None:
        return _of({month: _given(data, month) for month in wanted})
    cache = cache_folder(environ)
    folder = environ.get("MLOPS_DATA_DIR")
    files = {month: _local(folder, cache, month) for month in wanted}
    missing = [month for month, path in files.items() if path is None]
    if missing and not tlc.reachable(client):
        return _of({month: synthetic.generate(cache / "synthetic", month) for month in wanted})
    for month in missing:
        files[month] = tlc.download(client, cache / "tlc", month, progress)
    return _of({month: path for month, path in files.items() if path is not None})


def collect(fetched: Fetched, folder: Path) -> Fetched:
    """Copies the months into one folder, in the place of what it holds under their names."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {month: folder / file_name(month) for month in fetched.files}
    for month, path in fetched.files.items():
        if path.resolve() != files[month].resolve():
            shutil.copyfile(path, files[month])
    return Fetched(source=fetched.source, files=files)


def _given(folder: Path, month: str) -> Path:
    path = folder / file_name(month)
    if not path.is_file():
        raise DataError(f"--data: {path} does not exist; put the month there, or leave --data out")
    return path


def _local(folder: str | None, cache: Path, month: str) -> Path | None:
    if folder and (path := Path(folder, file_name(month))).is_file():
        return path
    return tlc.cached(cache / "tlc", month)


def _of(files: Mapping[str, Path]) -> Fetched:
    made_up = [_made_up(path) for path in files.values()]
    return Fetched(source="synthetic" if any(made_up) else "tlc", files=files)


def _made_up(path: Path) -> bool:
    try:
        return synthetic.marked(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise damaged(path, error) from error
