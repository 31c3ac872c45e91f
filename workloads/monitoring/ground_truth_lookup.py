"""One ride among all joined ones, by a few ranges of the files that may hold it."""

import io
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.s3 import Bucket

_FOLDER = "processed/joined/"


def find(bucket: Bucket, ride_id: str, day: str = "") -> dict[str, Any] | None:
    """The ride's row of the newest day that has it, with `day`; None when no day has.

    Rides lie in the order of their ids, in small row groups whose statistics say which may hold the id: of
    each day the end of the file is read, and seldom more than one row group.

    Args:
        bucket: The data bucket.
        ride_id: The ride.
        day: The day of the pickup, if it is known; otherwise all days are looked through.

    Raises:
        workloads.data.months.DataError: the bucket refuses.
    """
    days = [f"dt={day}"] if day else sorted(bucket.folders(_FOLDER), reverse=True)
    for name in days:
        for row in _rows(bucket, f"{_FOLDER}{name}/rides.parquet", ride_id):
            return {"day": name.removeprefix("dt="), **row}
    return None


def _rows(bucket: Bucket, key: str, ride_id: str) -> Iterator[dict[str, Any]]:
    size = bucket.size(key)
    if size is None:
        return
    file = pq.ParquetFile(pa.PythonFile(_Ranges(bucket, key, size), mode="r"), pre_buffer=True)
    for group in range(file.metadata.num_row_groups):
        statistics = file.metadata.row_group(group).column(0).statistics
        if statistics.min <= ride_id <= statistics.max:
            table = file.read_row_group(group)
            ids = table["ride_id"].to_pylist()
            if ride_id in ids:
                yield _row(table.slice(ids.index(ride_id), 1))


def _row(row: pa.Table) -> dict[str, Any]:
    """The one row of a table.

    pyarrow imports pandas to filter by a value, and to make a moment with a time zone: that took longer than
    everything else that `ops explain` does.
    """
    place = row.schema.get_field_index("predicted_at")
    in_utc = row.column(place).combine_chunks().view(pa.timestamp("us"))
    (values,) = row.remove_column(place).to_pylist()
    moment = in_utc[0].as_py()
    return {**values, "predicted_at": moment and moment.replace(tzinfo=UTC)}


class _Ranges(io.RawIOBase):
    """An object as a file of which only what is read is fetched; its end, which is read first, in one go."""

    _END = 1 << 16

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        super().__init__()
        self._bucket, self._key, self._size = bucket, key, size
        self._place = 0
        self._tail_start = max(0, size - self._END)
        self._tail = self._fetch(self._tail_start, size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def read(self, count: int = -1) -> bytes:
        start = self._place
        end = self._size if count < 0 else min(self._size, start + count)
        self._place = end
        if start >= self._tail_start:
            return self._tail[start - self._tail_start : end - self._tail_start]
        return self._fetch(start, end) if start < end else b""

    def _fetch(self, start: int, end: int) -> bytes:
        return self._bucket.get_range(self._key, f"bytes={start}-{end - 1}")
