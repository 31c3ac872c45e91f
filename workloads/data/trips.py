"""A month's trips in one layout, whatever TLC's file of that month looks like."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as types

from workloads.data.dataset import GREEN, Dataset
from workloads.data.months import DataError, damaged_file

_TIME, _NUMBER = pa.timestamp("us"), pa.float64()
# The columns that predictions rest on. Widths of integers, empty columns, zone ids as text and columns that
# came later differ from month to month; these are brought to one type, the others are left out. Values are
# judged row by row, in quality.py.
COLUMNS = {
    "lpep_pickup_datetime": _TIME,  # New York's wall-clock time
    "lpep_dropoff_datetime": _TIME,
    "PULocationID": _NUMBER,
    "DOLocationID": _NUMBER,
    "trip_distance": _NUMBER,  # miles
    "passenger_count": _NUMBER,
}


def read(path: Path, dataset: Dataset = GREEN) -> pd.DataFrame:
    """A month's trips with the columns of `COLUMNS`, every row of the file; what is missing is NaT or NaN.

    Raises:
        DataError: the file is missing, damaged, of the layout before 2016-07, or of another one.
    """
    try:
        names = pq.read_schema(path).names
        _check_columns(path, names, dataset)
        table = pq.read_table(path, columns=list(dataset.columns.values()))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; fetch it with `python -m workloads.data fetch`") from None
    except (pa.ArrowException, ValueError, OSError) as error:
        raise damaged_file(path, error) from error
    columns, problems = {}, []
    for name, kind in COLUMNS.items():
        try:
            columns[name] = _cast(table[dataset.columns[name]], kind)
        except (pa.ArrowException, ValueError) as error:
            problems.append(f"{dataset.columns[name]}: {error}")
    if problems:
        raise DataError(f"{path}: {'; '.join(problems)}; use TLC's own file of the month")
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame


def _check_columns(path: Path, names: list[str], dataset: Dataset) -> None:
    missing = [name for name in dataset.columns.values() if name not in names]
    if missing and any(name.lower() == "pickup_longitude" for name in names):
        raise DataError(
            f"{path}: has coordinates where the models need zones, as TLC's months before "
            f"{dataset.first_month} do; choose a later month"
        )
    if missing:
        raise DataError(
            f"{path}: has no column {', '.join(missing)}; use TLC's file of {dataset.name} taxi trips"
        )


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The column as `kind`; a value that is text becomes the number that it spells."""
    found = column.type
    if kind == _TIME:
        fits, allowed = types.is_timestamp(found) and found.tz is None, "a timestamp without a time zone"
    else:
        fits, allowed = _is_number(found) or types.is_string(found), "a number"
    if not fits and not types.is_null(found):
        raise ValueError(f"got a column of type {found}, allowed: {allowed}")
    return column.cast(kind, safe=False)


def _is_number(found: pa.DataType) -> bool:
    return bool(types.is_integer(found) or types.is_floating(found) or types.is_decimal(found))
