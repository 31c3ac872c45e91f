"""Where months come from: a folder, the cache, TLC's site, or, if none of them has them, the generator."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from workloads.data import synthetic, tlc
from workloads.data.atomic import atomic_write
from workloads.data.months import DataError, damaged_file, file_name, valid_month


@dataclass(frozen=True, kw_only=True)
class Months:
    """The months' files and their source, `tlc` or `synthetic`; never some of each."""

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
) -> Months:
    """Finds every month.

    Args:
        months: As YYYY-MM.
        data: A folder that must hold them all; None looks in MLOPS_DATA_DIR, the cache and TLC's site.
        environ: The environment.
        progress: Called for every chunk of a download.
        connect: Makes the client for TLC's site, when a month has to come from there.

    Raises:
        MonthError: a month is not valid.
        DataError: a month's file is damaged, it cannot be had although TLC's site answers, some months are
            TLC's and some synthetic, or the cache cannot be written.
    """
    wanted = [valid_month(month) for month in dict.fromkeys(months)]
    if data is not None:
        return _with_source({month: _given(data, month) for month in wanted})
    cache = cache_folder(environ)
    folder = environ.get("MLOPS_DATA_DIR")
    files = {month: _local(folder, cache, month) for month in wanted}
    missing = [month for month, path in files.items() if path is None]
    try:
        found = _remote(missing, cache, connect, progress) if missing else {}
        if found is None:
            return _with_source({month: synthetic.generate(cache / "synthetic", month) for month in wanted})
    except OSError as error:
        raise DataError(
            f"MLOPS_CACHE_DIR: {cache} cannot be written ({error}); set it to a folder that can be"
        ) from error
    return _with_source({month: path or found[month] for month, path in files.items()})


def copy_into(months: Months, folder: Path) -> Months:
    """Copies the months into one folder; files of the same names are replaced.

    Raises:
        DataError: the folder cannot be written.
    """
    files = {month: folder / file_name(month) for month in months.files}
    try:
        for month, path in months.files.items():
            if path.resolve() != files[month].resolve():
                with atomic_write(files[month]) as temporary:
                    shutil.copyfile(path, temporary)
    except OSError as error:
        raise DataError(f"--into: {folder} cannot be written ({error}); choose another folder") from error
    return Months(source=months.source, files=files)


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


def _with_source(files: Mapping[str, Path]) -> Months:
    generated = [path for path in files.values() if _is_synthetic(path)]
    if generated and len(generated) < len(files):
        raise DataError(
            f"{generated[0]}: synthetic, where other months are TLC's; delete it, or give another folder"
        )
    return Months(source="synthetic" if generated else "tlc", files=files)


def _is_synthetic(path: Path) -> bool:
    try:
        return synthetic.is_synthetic(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise damaged_file(path, error) from error
