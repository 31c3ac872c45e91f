"""Where months come from: a folder, the cache, TLC's site, or, if none of them has them, a generator."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from workloads.data import synthetic, tlc
from workloads.data.drafts import draft
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
    progress: tlc.Progress = lambda *_: None,
    connect: Callable[[], httpx.Client] = tlc.connect,
) -> Fetched:
    """Finds every month.

    Args:
        months: As YYYY-MM.
        data: A folder that must hold them all; None looks in MLOPS_DATA_DIR, the cache and TLC's site.
        environ: The environment.
        progress: Told of every piece of a download.
        connect: Gives the client for TLC's site, when a month has to come from there.

    Raises:
        MonthError: a month is none.
        DataError: a month's file is damaged, it cannot be had although TLC's site answers, a folder holds
            some months of TLC's and some that are made up, or the cache cannot be written.
    """
    wanted = [checked(month) for month in dict.fromkeys(months)]
    if data is not None:
        return _of({month: _given(data, month) for month in wanted})
    cache = cache_folder(environ)
    folder = environ.get("MLOPS_DATA_DIR")
    files = {month: _local(folder, cache, month) for month in wanted}
    missing = [month for month, path in files.items() if path is None]
    try:
        found = _remote(missing, cache, connect, progress) if missing else {}
        if found is None:
            return _of({month: synthetic.generate(cache / "synthetic", month) for month in wanted})
    except OSError as error:
        raise DataError(
            f"MLOPS_CACHE_DIR: {cache} cannot be written ({error}); set it to a folder that can be"
        ) from error
    return _of({month: path or found[month] for month, path in files.items()})


def collect(fetched: Fetched, folder: Path) -> Fetched:
    """Copies the months into one folder, in the place of what it holds under their names.

    Raises:
        DataError: the folder cannot be written.
    """
    files = {month: folder / file_name(month) for month in fetched.files}
    try:
        for month, path in fetched.files.items():
            if path.resolve() != files[month].resolve():
                with draft(files[month]) as part:
                    shutil.copyfile(path, part)
    except OSError as error:
        raise DataError(f"--into: {folder} cannot be written ({error}); choose another folder") from error
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


def _remote(
    months: Sequence[str], cache: Path, connect: Callable[[], httpx.Client], progress: tlc.Progress
) -> dict[str, Path] | None:
    """The months from TLC's site, None when it does not answer."""
    with connect() as client:
        if not tlc.reachable(client):
            return None
        return {month: tlc.download(client, cache / "tlc", month, progress) for month in months}


def _of(files: Mapping[str, Path]) -> Fetched:
    made_up = [path for path in files.values() if _made_up(path)]
    if made_up and len(made_up) < len(files):
        raise DataError(
            f"{made_up[0]}: made up, where other months are TLC's; delete it, or give another folder"
        )
    return Fetched(source="synthetic" if made_up else "tlc", files=files)


def _made_up(path: Path) -> bool:
    try:
        return synthetic.marked(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise damaged(path, error) from error
