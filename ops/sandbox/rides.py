"""A month of trips as the ride events that its meters would have sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ops.local.errors import LocalRunError

COLUMNS = {
    "PULocationID": pa.int64(),
    "DOLocationID": pa.int64(),
    "trip_distance": pa.float64(),
    "lpep_pickup_datetime": pa.timestamp("us"),
    "lpep_dropoff_datetime": pa.timestamp("us"),
    "passenger_count": pa.float64(),
}
CHUNK = 500  # events that are made at a time: as many as a PutRecords request takes
SAMPLES = 5


class Replay:
    """`count` ride events of a month, in the order of its pickups; a month with fewer is sent again.

    The rides are as the file has them: what is bad in the data is sent, too.
    """

    def __init__(self, trips: pa.Table, month: str, count: int) -> None:
        trips = trips.sort_by("lpep_pickup_datetime").slice(0, count)
        seconds = pc.divide(
            pc.microseconds_between(trips["lpep_pickup_datetime"], trips["lpep_dropoff_datetime"]), 1_000_000
        )
        self.month = month
        self.count = count
        self.trips = int(trips.num_rows)
        self._minutes: list[float] = [value / 60 for value in seconds.to_pylist()]
        self._rides = trips.drop_columns("lpep_dropoff_datetime")

    def __len__(self) -> int:
        return self.count

    def chunks(self) -> Iterator[list[Mapping[str, Any]]]:
        """The events, some hundred at a time."""
        made = 0
        while made < self.count:
            first = made % self.trips
            rows = self._rides.slice(first, min(CHUNK, self.count - made)).to_pylist()
            yield [{"ride_id": self.ride_id(made + n), "ride": _ride(row)} for n, row in enumerate(rows)]
            made += len(rows)

    def completions(self) -> Iterator[list[Mapping[str, Any]]]:
        """That the rides have ended, some hundred at a time; each of the month's trips once."""
        begun = self._rides["lpep_pickup_datetime"]
        for first in range(0, min(self.count, self.trips), CHUNK):
            pickups = begun.slice(first, min(CHUNK, self.count - first)).to_pylist()
            yield [
                {
                    "ride_id": self.ride_id(first + n),
                    "event": "completed",
                    "lpep_dropoff_datetime": (
                        pickup + timedelta(minutes=self._minutes[first + n])
                    ).isoformat(),
                }
                for n, pickup in enumerate(pickups)
            ]

    def days(self) -> list[date]:
        """The days of which every ride is sent, in order."""
        last = self._rides["lpep_pickup_datetime"][-1].as_py().date()
        first = self._rides["lpep_pickup_datetime"][0].as_py().date()
        # Of the last day some rides may be missing.
        return [first + timedelta(days=n) for n in range((last - first).days)] or [first]

    def until(self) -> datetime:
        """The last ride's pickup."""
        moment: datetime = self._rides["lpep_pickup_datetime"][-1].as_py()
        return moment

    def knows(self, ride_id: str) -> bool:
        """Whether it is one of these rides."""
        month, _, number = ride_id.rpartition("-")
        return month == self.month and len(number) == 7 and number.isdecimal() and int(number) < self.count

    def ride_id(self, index: int) -> str:
        """The id of the ride that is sent as number `index`, from 0."""
        return f"{self.month}-{index:07d}"

    def minutes(self, ride_id: str) -> float:
        """How long the ride took."""
        return self._minutes[int(ride_id.rpartition("-")[2]) % self.trips]


@dataclass(kw_only=True)
class LiveErrors:
    """The errors of the predictions, in minutes, over rides of 1 to 60 minutes; and some of the lines."""

    replay: Replay
    samples: list[Mapping[str, Any]] = field(default_factory=list)
    _squares: float = 0.0
    _rides: int = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """A line of a prediction."""
        ride_id = str(line["prediction"]["ride_id"])
        if not self.replay.knows(ride_id):
            return  # a person's or the simulator's
        minutes = self.replay.minutes(ride_id)
        if 1 <= minutes <= 60:
            self._squares += (line["prediction"]["ride_duration"] - minutes) ** 2
            self._rides += 1
        if int(ride_id.rpartition("-")[2]) % max(1, len(self.replay) // SAMPLES) == 0:
            self.samples = [*self.samples, line][:SAMPLES]

    @property
    def rmse(self) -> float | None:
        """None without a ride of 1 to 60 minutes."""
        return sqrt(self._squares / self._rides) if self._rides else None


def trips_of(path: Path, month: str) -> pa.Table:
    """The month's trips with the columns of `COLUMNS`, without the trips of other months in TLC's files.

    Raises:
        LocalRunError: the file cannot be read, lacks a column, or holds no trip of the month.
    """
    hint = "use TLC's file of the month, or choose another month"
    try:
        names = pq.read_schema(path).names
        if missing := [name for name in COLUMNS if name not in names]:
            raise LocalRunError(f"{path}: has no column {', '.join(missing)}; {hint}")
        columns = pq.read_table(path, columns=list(COLUMNS))
        table = pa.table({name: columns[name].cast(kind) for name, kind in COLUMNS.items()})
    except (pa.ArrowException, OSError) as error:
        raise LocalRunError(f"{path}: {str(error).splitlines()[0]}; {hint}") from None
    pickups = table["lpep_pickup_datetime"]
    first, after = _bounds(month)
    table = table.filter(pc.and_(pc.greater_equal(pickups, first), pc.less(pickups, after)))
    if not table.num_rows:
        raise LocalRunError(f"{path}: holds no trip of {month}; {hint}")
    return table


def _bounds(month: str) -> tuple[pa.Scalar, pa.Scalar]:
    begin = datetime.fromisoformat(f"{month}-01")
    end = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    return pa.scalar(begin, pa.timestamp("us")), pa.scalar(end, pa.timestamp("us"))


def _ride(row: dict[str, Any]) -> dict[str, Any]:
    """The ride's keys of the event contract; what the file does not know is left out."""
    row["lpep_pickup_datetime"] = row["lpep_pickup_datetime"].isoformat()
    if row["passenger_count"] is not None:
        row["passenger_count"] = int(row["passenger_count"])
    return {key: value for key, value in row.items() if value is not None}
