"""A month's rides in one layout, whatever TLC's file of that month looks like."""

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.parquet as pq
from pandera.errors import SchemaErrors

from workloads.data.months import DataError, damaged_file

MIN_MINUTES, MAX_MINUTES = 1.0, 60.0
# The columns that predictions rest on. Widths of integers, empty columns, zone ids as text and columns that
# came later differ from month to month; these are brought to one type, the others are left out.
SCHEMA = pa.DataFrameSchema(
    {
        "lpep_pickup_datetime": pa.Column("datetime64[us]"),
        "lpep_dropoff_datetime": pa.Column("datetime64[us]"),
        "PULocationID": pa.Column("int64", pa.Check.ge(1)),
        "DOLocationID": pa.Column("int64", pa.Check.ge(1)),
        "trip_distance": pa.Column("float64"),
        "passenger_count": pa.Column("float64", nullable=True),
    },
    coerce=True,
    strict="filter",
)


def read(path: Path) -> pd.DataFrame:
    """A month's trips with the columns of `SCHEMA`, every row of the file.

    Raises:
        DataError: the file is missing, damaged, of the layout before 2016-07, or of an unknown one.
    """
    try:
        names = pq.read_schema(path).names
        _check_layout(path, names)
        frame = pq.read_table(path, columns=list(SCHEMA.columns)).to_pandas()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; fetch it with `python -m workloads.data fetch`") from None
    except (arrow.ArrowInvalid, OSError) as error:
        raise damaged_file(path, error) from error
    try:
        return SCHEMA.validate(frame, lazy=True)
    except SchemaErrors as error:
        found = error.failure_cases[["column", "check", "failure_case"]].drop_duplicates("column")
        cases = "; ".join(
            f"{row.column}: {row.check}, got {row.failure_case!r}" for row in found.itertuples()
        )
        raise DataError(f"{path}: {cases}; use TLC's own file of the month") from error


def rides(path: Path) -> pd.DataFrame:
    """The rides of 1 to 60 minutes, in the order of their pickups, with `minutes` beside the columns.

    Raises:
        DataError: see `read`, or no ride is left.
    """
    trips = read(path)
    minutes = (trips.lpep_dropoff_datetime - trips.lpep_pickup_datetime).dt.total_seconds() / 60
    kept = trips.assign(minutes=minutes)[minutes.between(MIN_MINUTES, MAX_MINUTES)]
    if kept.empty:
        raise DataError(
            f"{path}: none of its {len(trips)} trips takes {MIN_MINUTES} to {MAX_MINUTES} minutes"
        )
    return kept.sort_values("lpep_pickup_datetime", kind="stable", ignore_index=True)


def _check_layout(path: Path, names: list[str]) -> None:
    missing = [name for name in SCHEMA.columns if name not in names]
    if missing and any(name.lower() == "pickup_longitude" for name in names):
        raise DataError(
            f"{path}: has coordinates where the models need zones, as TLC's months before 2016-07 do; "
            "choose a later month"
        )
    if missing:
        raise DataError(f"{path}: has no column {', '.join(missing)}; use TLC's file of green taxi trips")
