"""Every layout that TLC has used since 2016-07 is read alike, and what cannot be read is named."""

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.workloads.conftest import Month
from workloads.data.months import DataError
from workloads.data.trips import SCHEMA, read, rides

MONTHS = ("2021-01", "2021-02", "2022-01", "2023-01", "2023-02", "2023-03", "2025-01")


def changed(source: Path, target: Path, **columns: object) -> Path:
    """A copy of a file with columns replaced, added, or taken away by None; its first thousand rows."""
    table = pq.read_table(source).slice(0, 1000)
    for name, make in columns.items():
        place = table.schema.get_field_index(name)
        if make is None:
            table = table.drop_columns(name)
        elif place < 0:
            table = table.append_column(name, make(table))  # type: ignore[operator]
        else:
            table = table.set_column(place, name, make(table))  # type: ignore[operator]
    pq.write_table(table, target)
    return target


@pytest.mark.parametrize("name", MONTHS)
def test_columns_and_types_of_every_month(month: Month, name: str) -> None:
    frame = read(month(name))
    assert list(frame.columns) == list(SCHEMA.columns)
    assert {str(frame[column].dtype) for column in ("PULocationID", "DOLocationID")} == {"int64"}
    assert len(frame) == pq.read_metadata(month(name)).num_rows


@pytest.mark.parametrize(
    "columns",
    [
        {"PULocationID": lambda table: pc.cast(table["PULocationID"], pa.string())},
        {"DOLocationID": lambda table: pc.cast(table["DOLocationID"], pa.int16())},
        {"passenger_count": lambda table: pa.nulls(len(table))},
        {"trip_distance": lambda table: pc.cast(table["trip_distance"], pa.float32())},
        {"cbd_congestion_fee": lambda table: pa.array([0.75] * len(table))},
        {"lpep_pickup_datetime": lambda table: pc.cast(table["lpep_pickup_datetime"], pa.timestamp("ns"))},
    ],
    ids=["zones as text", "narrow zones", "no passengers", "narrow distance", "a new column", "nanoseconds"],
)
def test_other_layouts(month: Month, tmp_path: Path, columns: dict[str, object]) -> None:
    plain = read(changed(month("2023-01"), tmp_path / "plain.parquet"))
    other = read(changed(month("2023-01"), tmp_path / "other.parquet", **columns))
    compared = ["PULocationID", "DOLocationID", "lpep_pickup_datetime"]
    pd.testing.assert_frame_equal(other[compared], plain[compared])


def test_rides_are_filtered_and_sorted(month: Month) -> None:
    kept = rides(month("2023-01"))
    assert kept.minutes.between(1, 60).all()
    assert kept.lpep_pickup_datetime.is_monotonic_increasing
    trips = read(month("2023-01"))
    took = (trips.lpep_dropoff_datetime - trips.lpep_pickup_datetime).dt.total_seconds() / 60
    assert len(kept) == took.between(1, 60).sum() < len(trips)


def truncated(month: Month, tmp_path: Path) -> Path:
    """The truncated file that lies beside the real months, or one made here."""
    real = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), "bad/truncated_green_tripdata_2025-02.parquet")
    if real.exists():
        return real
    path = tmp_path / "truncated.parquet"
    path.write_bytes(month("2023-01").read_bytes()[:75_000])
    return path


def test_truncated_file(month: Month, tmp_path: Path) -> None:
    path = truncated(month, tmp_path)
    with pytest.raises(
        DataError, match=r"is not a complete parquet file .* delete it and fetch it again"
    ) as caught:
        rides(path)
    assert str(path) in str(caught.value)


def test_layout_before_2016_07(tmp_path: Path) -> None:
    path = tmp_path / "green_tripdata_2015-01.parquet"
    pq.write_table(pa.table({"Pickup_longitude": [-73.9], "Pickup_latitude": [40.7]}), path)
    with pytest.raises(DataError, match="has coordinates where the models need zones"):
        read(path)


def test_missing_column(month: Month, tmp_path: Path) -> None:
    path = changed(month("2023-01"), tmp_path / "x.parquet", trip_distance=None)
    with pytest.raises(DataError, match="has no column trip_distance"):
        read(path)


def test_column_of_another_type(month: Month, tmp_path: Path) -> None:
    path = changed(
        month("2023-01"), tmp_path / "x.parquet", PULocationID=lambda table: pa.array(["Harlem"] * len(table))
    )
    with pytest.raises(DataError, match=r"PULocationID: .*Harlem"):
        read(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such file; fetch it with `python -m workloads.data fetch`"):
        read(tmp_path / "x.parquet")


def test_month_without_rides(month: Month, tmp_path: Path) -> None:
    path = changed(
        month("2023-01"), tmp_path / "x.parquet", lpep_dropoff_datetime=lambda t: t["lpep_pickup_datetime"]
    )
    with pytest.raises(DataError, match="none of its 1000 trips takes"):
        rides(path)
