"""Where months come from: a folder, the cache, TLC's site, or, if none of them has them, the generator."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from workloads.data import synthetic, tlc
from workloads.data.atomic import atomic_write
from workloads.data.dataset import GREEN, Dataset
from workloads.data.months import DataError, damaged_file, valid_month


@dataclass(frozen=True, kw_only=True)
class Months:
    """The months' files and their source, `tlc` or `synthetic`; never some of each."""

    source: str
    files: Mapping[str, Path]
    dataset: Dataset = GREEN


def cache_folder(environ: Mapping[str, str]) -> Path:
    """MLOPS_CACHE_DIR, or a folder in the user's own cache."""
    own = environ.get("MLOPS_CACHE_DIR")
    return Path(own) if own else Path.home() / ".cache" / "mlops-taxi-prediction"


def fetch(
    months: Sequence[str],
    *,
    data: Path | None,
    environ: Mapping[str, str],
    allow_synthetic: bool,
    bucket: str = "",
    dataset: Dataset = GREEN,
    progress: tlc.Progress = lambda *_: None,
    connect: Callable[[], httpx.Client] = tlc.connect,
) -> Months:
    """Finds every month.

    Args:
        months: As YYYY-MM.
        data: A folder that must hold them all, instead of the bucket, MLOPS_DATA_DIR, the cache and TLC.
        environ: The environment.
        allow_synthetic: Whether months may be synthetic; where none can be had, they are then generated.
        bucket: A stack's data bucket; empty for none.
        dataset: Which of TLC's data sets.
        progress: Called for every chunk of a download.
        connect: Makes the client for TLC's site, when a month has to come from there.

    Raises:
        MonthError: a month is not valid.
        DataError: a month's file is damaged or cannot be had, months are synthetic although that is not
            allowed or others are TLC's, or the cache cannot be written.
    """
    wanted = [valid_month(month, dataset) for month in dict.fromkeys(months)]
    if data is not None:
        files = {month: _given(data, dataset.file_name(month)) for month in wanted}
        return _with_source(files, dataset, allow_synthetic)
    cache = cache_folder(environ)
    try:
        found = _search(wanted, dataset, environ.get("MLOPS_DATA_DIR"), cache, bucket, connect, progress)
        if found is None and not allow_synthetic:
            raise _nowhere(wanted, bucket, dataset)
        files = found or {month: synthetic.generate(cache / "synthetic", month, dataset) for month in wanted}
    except OSError as error:
        raise DataError(
            f"MLOPS_CACHE_DIR: {cache} cannot be written ({error}); set it to a folder that can be"
        ) from error
    return _with_source(files, dataset, allow_synthetic)


def copy_into(months: Months, folder: Path) -> Months:
    """Copies the months into one folder; files of the same names are replaced.

    Raises:
        DataError: the folder cannot be written.
    """
    files = {month: folder / months.dataset.file_name(month) for month in months.files}
    try:
        for month, path in months.files.items():
            if path.resolve() != files[month].resolve():
                with atomic_write(files[month]) as temporary:
                    shutil.copyfile(path, temporary)
    except OSError as error:
        raise DataError(f"--into: {folder} cannot be written ({error}); choose another folder") from error
    return Months(source=months.source, files=files, dataset=months.dataset)


def _given(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise DataError(f"--data: {path} does not exist; put the month there, or leave --data out")
    return path


def _search(
    months: Sequence[str],
    dataset: Dataset,
    folder: str | None,
    cache: Path,
    bucket: str,
    connect: Callable[[], httpx.Client],
    progress: tlc.Progress,
) -> dict[str, Path] | None:
    """The months from the bucket, the folder, the cache and TLC's site; None when that does not answer."""
    files = _from_bucket(bucket, months, cache, dataset) if bucket else {}
    files |= _local(folder, cache, [month for month in months if month not in files], dataset)
    missing = [month for month in months if month not in files]
    downloaded = _remote(missing, dataset, cache, connect, progress) if missing else {}
    return None if downloaded is None else {month: {**files, **downloaded}[month] for month in months}


def _from_bucket(bucket: str, months: Sequence[str], cache: Path, dataset: Dataset) -> dict[str, Path]:
    from workloads.data.bucket import download  # boto3 takes a quarter of a second, and most uses need none

    return download(bucket, months, cache / "bucket" / bucket, dataset)


def _local(folder: str | None, cache: Path, months: Sequence[str], dataset: Dataset) -> dict[str, Path]:
    """The months that lie in MLOPS_DATA_DIR or in the cache."""
    files = {}
    for month in months:
        given = Path(folder, dataset.file_name(month)) if folder else None
        path = given if given and given.is_file() else tlc.cached(cache / "tlc", month, dataset)
        if path:
            files[month] = path
    return files


def _remote(
    months: Sequence[str],
    dataset: Dataset,
    cache: Path,
    connect: Callable[[], httpx.Client],
    progress: tlc.Progress,
) -> dict[str, Path] | None:
    """The months from TLC's site, None when it does not answer."""
    with connect() as client:
        if not tlc.reachable(client):
            return None
        return {month: tlc.download(client, cache / "tlc", month, progress, dataset) for month in months}


def _nowhere(months: Sequence[str], bucket: str, dataset: Dataset) -> DataError:
    places = (f"s3://{bucket}/raw/{dataset.name}/, " if bucket else "") + "MLOPS_DATA_DIR or the cache"
    return DataError(
        f"{', '.join(months)}: not in {places}, and TLC's site does not answer; try again when it does, "
        f"upload TLC's files to raw/{dataset.name}/<YYYY-MM>.parquet of the data bucket, give a folder with "
        "--data, or ask for synthetic trips with --allow-synthetic"
    )


def _with_source(files: Mapping[str, Path], dataset: Dataset, allow_synthetic: bool) -> Months:
    generated = [path for path in files.values() if _is_synthetic(path)]
    if generated and not allow_synthetic:
        raise DataError(
            f"{generated[0]}: synthetic trips; give TLC's own file, or allow them with --allow-synthetic"
        )
    if generated and len(generated) < len(files):
        raise DataError(
            f"{generated[0]}: synthetic, where other months are TLC's; delete it, or give another folder"
        )
    return Months(source="synthetic" if generated else "tlc", files=files, dataset=dataset)


def _is_synthetic(path: Path) -> bool:
    try:
        return synthetic.is_synthetic(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise damaged_file(path, error) from error
