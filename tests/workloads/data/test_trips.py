"""Every layout that TLC has used since 2016-07 is read alike, and what cannot be read is named."""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.workloads.conftest import Month
from workloads.data.months import DataError, file_name
from workloads.data.trips import COLUMNS, read

MONTHS = ("2021-01", "2021-02", "2022-01", "2023-01", "2023-02", "2023-03", "2025-01")
ROWS = 1000
TIMES = ("lpep_pickup_datetime", "lpep_dropoff_datetime")
Column = Callable[[pa.Table], Any]


def changed(source: Path, target: Path, **columns: Column | None) -> Path:
    """A copy of a file's first rows with columns replaced, added, or, by None, deleted."""
    table = pq.read_table(source).slice(0, ROWS)
    for name, make in columns.items():
        place = table.schema.get_field_index(name)
        if make is None:
            table = table.drop_columns(name)
        elif place < 0:
            table = table.append_column(name, make(table))
        else:
            table = table.set_column(place, name, make(table))
    pq.write_table(table, target)
    return target


def values(value: object, kind: pa.DataType | None = None) -> Column:
    """A column of one value."""
    return lambda table: pa.array([value] * len(table), kind)


def nanoseconds(table: pa.Table) -> Any:
    """The pickups, a nanosecond later."""
    times = pc.cast(table["lpep_pickup_datetime"], pa.timestamp("ns"))
    return pc.add(times, pa.scalar(1, pa.duration("ns")))


@pytest.mark.parametrize("name", MONTHS)
def test_columns_and_types_of_every_month(month: Month, name: str) -> None:
    frame = read(month(name))
    assert list(frame.columns) == list(COLUMNS)
    assert [str(dtype) for dtype in frame.dtypes] == ["datetime64[us]"] * 2 + ["float64"] * 4
    assert len(frame) == pq.read_metadata(month(name)).num_rows


@pytest.mark.parametrize(
    "columns",
    [
        {"PULocationID": lambda table: pc.cast(table["PULocationID"], pa.string())},
        {"DOLocationID": lambda table: pc.cast(table["DOLocationID"], pa.int16())},
        {"passenger_count": lambda table: pa.nulls(len(table))},
        {"trip_distance": lambda table: pc.cast(table["trip_distance"], pa.float32())},
        {"trip_distance": values(Decimal("1.50"))},
        {"cbd_congestion_fee": values(0.75)},
        {"lpep_pickup_datetime": nanoseconds},
    ],
    ids=["text", "int16", "no passengers", "float32", "decimal", "a new column", "nanoseconds"],
)
def test_other_layouts(month: Month, tmp_path: Path, columns: dict[str, Column]) -> None:
    plain = read(changed(month("2023-01"), tmp_path / "plain.parquet"))
    other = read(changed(month("2023-01"), tmp_path / "other.parquet", **columns))
    compared = ["PULocationID", "DOLocationID", "lpep_pickup_datetime"]
    pd.testing.assert_frame_equal(other[compared], plain[compared])
    assert [str(dtype) for dtype in other.dtypes] == [str(dtype) for dtype in plain.dtypes]


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize(
    "column",
    [
        values("Harlem"),
        values(True),
        values([1]),
        values({"a": 1}),
        values(b"x"),
        values(pd.Timedelta(days=1)),
        values(pd.Timestamp("2023-01-05", tz="UTC")),
        lambda table: pa.array(["74"] * len(table)).dictionary_encode(),
    ],
    ids=["text", "bool", "list", "struct", "binary", "duration", "time zone", "dictionary"],
)
def test_wrong_types(month: Month, tmp_path: Path, name: str, column: Column) -> None:
    """One message with the file, the column and what it holds."""
    path = changed(month("2023-01"), tmp_path / file_name("2023-01"), **{name: column})
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {name}: ")
    assert str(caught.value).endswith("; use TLC's own file of the month")
    assert "\n" not in str(caught.value)


def test_every_wrong_column_is_named(month: Month, tmp_path: Path) -> None:
    columns = {name: values(True) for name in ("trip_distance", "lpep_dropoff_datetime")}
    path = changed(month("2023-01"), tmp_path / "x.parquet", **columns, PULocationID=values("Harlem"))
    with pytest.raises(DataError) as caught:
        read(path)
    time, zone, distance, fix = str(caught.value).removeprefix(f"{path}: ").split("; ")
    found = "got a column of type bool, allowed:"
    assert time == f"lpep_dropoff_datetime: {found} a timestamp without a time zone"
    assert zone.startswith("PULocationID: ")
    assert "Harlem" in zone
    assert distance == f"trip_distance: {found} a number"
    assert fix == "use TLC's own file of the month"


def test_missing_column(month: Month, tmp_path: Path) -> None:
    path = changed(month("2023-01"), tmp_path / "x.parquet", trip_distance=None)
    with pytest.raises(DataError, match="has no column trip_distance"):
        read(path)


def test_layout_before_2016_07(tmp_path: Path) -> None:
    path = tmp_path / "green_tripdata_2015-01.parquet"
    pq.write_table(pa.table({"Pickup_longitude": [-73.9], "Pickup_latitude": [40.7]}), path)
    with pytest.raises(DataError, match="has coordinates where the models need zones"):
        read(path)


def truncated(month: Month, folder: Path) -> Path:
    """The truncated file that lies beside the real months, or one made here."""
    real = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), "bad/truncated_green_tripdata_2025-02.parquet")
    if real.exists():
        return real
    path = folder / "truncated.parquet"
    path.write_bytes(month("2023-01").read_bytes()[:75_000])
    return path


def empty(_: Month, folder: Path) -> Path:
    path = folder / "empty.parquet"
    path.touch()
    return path


def damaged(month: Month, folder: Path) -> Path:
    """A file whose end is whole, and whose data are not."""
    body = bytearray(month("2023-01").read_bytes())
    body[4:200_000] = bytes(200_000 - 4)
    path = folder / "damaged.parquet"
    path.write_bytes(body)
    return path


def text(_: Month, folder: Path) -> Path:
    path = folder / "text.parquet"
    path.write_text("<html>not found</html>\n")
    return path


@pytest.mark.parametrize("make", [truncated, empty, damaged, text])
def test_damaged_file(month: Month, tmp_path: Path, make: Callable[[Month, Path], Path]) -> None:
    path = make(month, tmp_path)
    with pytest.raises(
        DataError, match=r"is not a complete parquet file .* delete it and fetch it again"
    ) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such file; fetch it with `python -m workloads.data fetch`"):
        read(tmp_path / "x.parquet")
