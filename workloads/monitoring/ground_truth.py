"""Predictions joined with what the rides really took, and how complete a day is."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

NEW_YORK = "America/New_York"
LATE_HOURS = 2  # after the prediction: rides take an hour at most, and a meter may need another to report
PREDICTED = (
    ("ride_id", pa.string()),
    ("model", pa.string()),
    ("version", pa.string()),
    ("predicted_minutes", pa.float64()),
    ("PULocationID", pa.int64()),
    ("DOLocationID", pa.int64()),
    ("trip_distance", pa.float64()),
    ("lpep_pickup_datetime", pa.timestamp("us")),
    ("passenger_count", pa.float64()),
    ("predicted_at", pa.timestamp("us", tz="UTC")),
)
JOINED = pa.schema(
    [
        *PREDICTED,
        ("minutes", pa.float64()),
        ("challenger_version", pa.string()),
        ("challenger_minutes", pa.float64()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How much of a day is known.

    Args:
        day: The day of the pickups, YYYY-MM-DD.
        predictions: The rides that were predicted.
        completed: Those whose duration is known.
        missing: Those whose duration is not.
        duplicates: Completions and predictions that came again for a ride; the last completion and the
            first prediction count.
        late: Completions that came more than `LATE_HOURS` after their prediction.
        out_of_order: Completions that came before their prediction was made.
        completions_without_prediction: Completions of the day for which no prediction was found.
        completeness: The share of the predictions that are completed; None on a day without any.
        damaged: The objects with lines that could not be read.
    """

    day: str
    predictions: int
    completed: int
    missing: int
    duplicates: int
    late: int
    out_of_order: int
    completions_without_prediction: int
    completeness: float | None
    damaged: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """What lies beside the joined rides as completeness.json."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Joined:
    """A day's rides, of the schema `JOINED` and in the order of their ids, and how complete they are."""

    rides: pa.Table
    completeness: Completeness


def join(
    day: date,
    *,
    predictions: pa.Table,
    challenger: pa.Table,
    completions: pa.Table,
    damaged: tuple[str, ...] = (),
) -> Joined:
    """Joins a day's predictions with the completions of their rides.

    The answer does not depend on the order of the rows. A ride without a time of its pickup belongs to the
    day on which it was predicted; its duration cannot be known.

    Args:
        day: The day of the pickups, in New York.
        predictions: Of the schema `ground_truth_lines.PREDICTIONS`; other days' are left out.
        challenger: The same of the challenger.
        completions: Of the schema `ground_truth_lines.COMPLETIONS`.
        damaged: The objects that could not be read whole, for the account.
    """
    rides, again = _one_a_ride(_of_day(predictions, day), "predicted_at", last=False)
    ends, ends_again = _one_a_ride(completions, "received_at", last=True)
    shadow, _ = _one_a_ride(challenger, "predicted_at", last=False)
    shadow = shadow.select(["ride_id", "version", "predicted_minutes"]).rename_columns(
        ["ride_id", "challenger_version", "challenger_minutes"]
    )
    table = _beside(_beside(rides, ends), shadow)
    table = table.append_column("minutes", _minutes(table))
    completed = len(table) - table["minutes"].null_count
    waited = pc.subtract(table["received_at"], table["predicted_at"])
    late = pc.greater(waited, pa.scalar(timedelta(hours=LATE_HOURS), pa.duration("us")))
    early = pc.less(waited, pa.scalar(timedelta(0), pa.duration("us")))
    matched = pc.is_in(ends_again, value_set=rides["ride_id"])
    return Joined(
        rides=table.select(JOINED.names).cast(JOINED),
        completeness=Completeness(
            day=day.isoformat(),
            predictions=len(table),
            completed=completed,
            missing=len(table) - completed,
            duplicates=len(again) + _count(matched),
            late=_count(late),
            out_of_order=_count(early),
            completions_without_prediction=_strays(day, ends, predictions),
            completeness=completed / len(table) if len(table) else None,
            damaged=damaged,
        ),
    )


def _of_day(predictions: pa.Table, day: date) -> pa.Table:
    """The predictions that belong to the day; the table itself, and no copy, where all do."""
    predicted = pc.local_timestamp(predictions["predicted_at"].cast(pa.timestamp("us", tz=NEW_YORK)))
    days = pc.coalesce(predictions["lpep_pickup_datetime"], predicted).cast(pa.date32())
    chosen = pc.equal(days, pa.scalar(day))
    return predictions if _count(chosen) == len(predictions) else predictions.filter(chosen)


def _one_a_ride(table: pa.Table, time: str, *, last: bool) -> tuple[pa.Table, pa.Array]:
    """The first or the last row of each ride, in the order of their ids; and the ids of the other rows."""
    order = "descending" if last else "ascending"
    keys = [("ride_id", "ascending"), (time, order), ("sequence_number", order)]
    places = pc.sort_indices(table, sort_keys=keys)
    ids = table["ride_id"].combine_chunks().take(places)
    new = pa.concat_arrays([pa.array([True] * bool(len(ids)), pa.bool_()), pc.not_equal(ids[1:], ids[:-1])])
    # The numbers, which are longer than all else, have decided and are not copied.
    return table.drop_columns(["sequence_number"]).take(places.filter(new)), ids.filter(pc.invert(new))


def _beside(rides: pa.Table, others: pa.Table) -> pa.Table:
    """The rides with the columns of others, null where a ride has none there; each ride is once in both."""
    place = pc.index_in(rides["ride_id"], value_set=others["ride_id"])
    found = others.drop_columns(["ride_id"]).take(place)
    for name in found.column_names:
        rides = rides.append_column(name, found[name])
    return rides


def _minutes(table: pa.Table) -> pa.ChunkedArray:
    took = pc.microseconds_between(table["lpep_pickup_datetime"], table["lpep_dropoff_datetime"])
    return pc.divide(took.cast(pa.float64()), 60e6)


def _strays(day: date, ends: pa.Table, predictions: pa.Table) -> int:
    """The day's completions without a prediction in any of the partitions that were read."""
    of_day = ends.filter(pc.equal(ends["lpep_dropoff_datetime"].cast(pa.date32()), pa.scalar(day)))
    known = pc.is_in(of_day["ride_id"], value_set=predictions["ride_id"])
    return len(of_day) - _count(known)


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
