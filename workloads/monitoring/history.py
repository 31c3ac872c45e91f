"""The days that were reported, a row each, in one small table; and what follows from them."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

KEY = "drift/history.parquet"
CALM_DAYS = 2  # in a row without an alarm, after which a breach has ended


@dataclass(frozen=True, kw_only=True)
class Row:
    """A day.

    Args:
        day: YYYY-MM-DD.
        version: The model version that made most of the predictions; empty on a day without any.
        rides: How many were predicted.
        completed: How many of them are completed.
        completeness: Their share; None without rides.
        rmse: Of the completed rides, in minutes, as the other errors; None without any.
        mae: The mean absolute error.
        mean_error: Above 0 where predictions are too high.
        r2: The share of the variance that is explained.
        drift: The columns that drifted.
        performance: The checks of performance that are worse.
        quality: The defects.
        judged: Whether data drift or performance was judged at all.
        effects: The effect of each check.
        breach: Whether the day lies in a breach.
        breach_since: Its first day; empty outside one.
        sent: The alert that was sent for this day: `begin`, `end` or none.
        train: Whether a training was asked for.
        train_reason: Why, or why not.
    """

    day: str
    version: str = ""
    rides: int = 0
    completed: int = 0
    completeness: float | None = None
    rmse: float | None = None
    mae: float | None = None
    mean_error: float | None = None
    r2: float | None = None
    drift: list[str] = field(default_factory=list)
    performance: list[str] = field(default_factory=list)
    quality: list[str] = field(default_factory=list)
    judged: bool = False
    effects: dict[str, float] = field(default_factory=dict)
    breach: bool = False
    breach_since: str = ""
    sent: str = ""
    train: bool = False
    train_reason: str = ""

    @property
    def alarm(self) -> bool:
        """Whether any check is above its threshold."""
        return bool(self.drift or self.performance or self.quality)


_KINDS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    float | None: pa.float64(),
    list[str]: pa.list_(pa.string()),
    dict[str, float]: pa.string(),  # JSON: which checks there are depends on the version's reference
}
SCHEMA = pa.schema([(each.name, _KINDS[each.type]) for each in fields(Row)])


class History:
    """The rows by day, in order."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self.rows = sorted(rows, key=lambda row: row.day)

    @classmethod
    def read(cls, body: bytes | None) -> "History":
        """The history of a table's bytes; an empty one of None."""
        if body is None:
            return cls()
        table = pq.read_table(io.BytesIO(body), schema=SCHEMA)
        return cls([Row(**{**row, "effects": json.loads(row["effects"])}) for row in table.to_pylist()])

    def write(self) -> bytes:
        """The table's bytes."""
        file = io.BytesIO()
        rows = [{**asdict(row), "effects": json.dumps(row.effects)} for row in self.rows]
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file, compression="zstd")
        return file.getvalue()

    def with_row(self, row: Row) -> "History":
        """The history in which a day has this row."""
        return History([*(each for each in self.rows if each.day != row.day), row])

    def row(self, day: str) -> Row | None:
        """The row of a day."""
        return next((each for each in self.rows if each.day == day), None)

    def before(self, day: str) -> list[Row]:
        """The rows of earlier days."""
        return [each for each in self.rows if each.day < day]

    def with_breach(self, row: Row) -> Row:
        """The row with what the days before it make of its alarm.

        A breach begins with an alarm and ends when `CALM_DAYS` judged days in a row have none. Doing a day
        again keeps the alert that was sent for it.
        """
        before = self.before(row.day)
        last = before[-1] if before else Row(day="")
        judged = [each for each in before if each.judged]
        calm = [row, *judged[::-1]][:CALM_DAYS] if row.judged else []
        over = len(calm) == CALM_DAYS and not any(each.alarm for each in calm)
        breach = row.alarm or (last.breach and not over)
        since = (last.breach_since if last.breach else row.day) if breach else ""
        mine = self.row(row.day)
        return replace(row, breach=breach, breach_since=since, sent=mine.sent if mine else "")

    def alert(self, row: Row) -> str:
        """The alert that this day still has to send: `begin`, `end` or none."""
        sent = [each.sent for each in [*self.before(row.day), row] if each.sent]
        told = bool(sent) and sent[-1] == "begin"
        return "" if told == row.breach else ("begin" if row.breach else "end")

    def last_training(self, day: str) -> date | None:
        """The last day before `day` on which a training was asked for."""
        asked = [each.day for each in self.before(day) if each.train]
        return date.fromisoformat(asked[-1]) if asked else None


def cooled_down(last: date | None, day: date, cooldown_days: int) -> bool:
    """Whether a training may be asked for again."""
    return last is None or day >= last + timedelta(days=cooldown_days)
