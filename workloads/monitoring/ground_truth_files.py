"""A day's join from the data bucket, and back to it."""

import io
import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.monitoring.days import Arrivals
from workloads.monitoring.ground_truth import Joined, join
from workloads.monitoring.ground_truth_lines import COMPLETIONS, PREDICTIONS, Lines, read

if TYPE_CHECKING:
    import pandas as pd

ROW_GROUP = 20_000  # rides: `ops explain` reads one group of the day


def folder(day: date) -> str:
    """The folder of a day's joined rides and their account."""
    return f"processed/joined/dt={day}"


def rides_key(day: date) -> str:
    """Where a day's joined rides lie."""
    return f"{folder(day)}/rides.parquet"


def joined(bucket: Bucket, day: date) -> "pd.DataFrame | None":
    """A day's joined rides; None when the day is not joined.

    Raises:
        DataError: they cannot be read, or the bucket refuses.
    """
    key = rides_key(day)
    body = bucket.get(key)
    if body is None:
        return None
    try:
        rides: pd.DataFrame = pq.read_table(io.BytesIO(body)).to_pandas()
    except (pa.ArrowException, ValueError) as error:
        raise DataError(f"s3://{bucket.name}/{key}: is damaged ({error}); join {day} again") from error
    if missing := [name for name in ("version", "predicted_minutes", "minutes") if name not in rides]:
        raise DataError(
            f"s3://{bucket.name}/{key}: has no column {', '.join(missing)}; join {day} again, which writes it"
        )
    return rides


def join_day(bucket: Bucket, day: date, arrivals: Arrivals) -> Joined:
    """Joins a day and writes it; doing it again replaces what is there.

    The account is written last: where it is, the rides beside it are complete.

    Raises:
        workloads.data.months.DataError: the bucket refuses.
    """
    predictions = _read(bucket, "predictions", arrivals.days(), PREDICTIONS)
    challenger = _read(bucket, "challenger", arrivals.days(), PREDICTIONS)
    completions = _read(bucket, "actuals", arrivals.completion_days(), COMPLETIONS)
    found = join(
        day,
        predictions=predictions.table,
        challenger=challenger.table,
        completions=completions.table,
        damaged=predictions.damaged + challenger.damaged + completions.damaged,
    )
    bucket.put(rides_key(day), parquet(found.rides))
    account = found.completeness.document()
    bucket.put(f"{folder(day)}/completeness.json", json.dumps(account, indent=1).encode())
    return found


def parquet(rides: pa.Table) -> bytes:
    """The rides in small row groups, each with the first and the last ride's id in its statistics."""
    file = io.BytesIO()
    pq.write_table(rides, file, row_group_size=ROW_GROUP, compression="zstd")
    return file.getvalue()


def days_before(day: date, count: int) -> list[date]:
    """The `count` days before a day and the day itself, oldest first."""
    return [day - timedelta(days=number) for number in range(count, -1, -1)]


def _read(bucket: Bucket, kind: str, days: Iterable[date], schema: pa.Schema) -> Lines:
    return read(bucket, [f"{kind}/dt={day}/" for day in days], schema)
