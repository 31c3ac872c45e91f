"""Rides of a file in parts of the same length, however large the file is."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from workloads.data.months import DataError
from workloads.data.trips import COLUMNS

REQUIRED = ("PULocationID", "DOLocationID", "trip_distance")
_KNOWN = {name: kind for name, kind in COLUMNS.items() if name != "lpep_dropoff_datetime"}
_CSV_BLOCK = 4 << 20  # bytes that are parsed at a time


def parts(path: Path, length: int) -> Iterator[pd.DataFrame]:
    """The file's rows in order, `length` at a time; what is missing is NaN or NaT.

    Each has the columns of a ride event; `ride_id` too, where the file has it.

    Raises:
        DataError: the file is damaged, or lacks a column.
    """
    try:
        for table in _rebatched(_batches(path, length), length):
            yield _typed(table)
    except (pa.ArrowException, ValueError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"{path.name}: cannot be read ({reason}); give Parquet or CSV with the columns "
            f"{', '.join(REQUIRED)}"
        ) from error


def _batches(path: Path, length: int) -> Iterator[pa.RecordBatch]:
    if path.suffix == ".csv":
        options = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK, use_threads=False)
        with pyarrow.csv.open_csv(path, read_options=options, convert_options=_converted(path)) as reader:
            yield from reader
        return
    with pq.ParquetFile(path) as file:
        columns = _columns(file.schema_arrow.names)
        # One thread: others read ahead, and hold row groups that nobody has asked for yet.
        yield from file.iter_batches(batch_size=length, columns=columns, use_threads=False)


def _converted(path: Path) -> pyarrow.csv.ConvertOptions:
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    columns = _columns([name.strip('"') for name in names])
    types = {name: _KNOWN.get(name, pa.string()) for name in columns}
    return pyarrow.csv.ConvertOptions(include_columns=columns, column_types=types, strings_can_be_null=True)


def _columns(names: list[str]) -> list[str]:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    return [name for name in (*_KNOWN, "ride_id") if name in names]


def _rebatched(batches: Iterator[pa.RecordBatch], length: int) -> Iterator[pa.Table]:
    """Tables of `length` rows, the last one shorter: where a part begins does not depend on the reader."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        while rows >= length:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, length)
            waiting = table.slice(length).to_batches()
            rows -= length
    if rows:
        yield pa.Table.from_batches(waiting)


def _typed(table: pa.Table) -> pd.DataFrame:
    """Every column of a ride; widths of integers and texts that spell numbers differ between files."""
    columns = {}
    for name, kind in _KNOWN.items():
        found = table[name] if name in table.column_names else pa.nulls(len(table), kind)
        columns[name] = found.cast(kind, safe=False)
    if "ride_id" in table.column_names:
        columns["ride_id"] = table["ride_id"].cast(pa.string())
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame
