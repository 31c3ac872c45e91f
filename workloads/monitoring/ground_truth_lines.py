"""The predictor's objects as tables: gzipped JSON lines to columns, damaged ones left out and named."""

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workloads.data.s3 import Bucket
from workloads.monitoring.ground_truth import PREDICTED

_TIME, _MOMENT = pa.timestamp("us"), pa.timestamp("us", tz="UTC")
PREDICTIONS = pa.schema([*PREDICTED, ("sequence_number", pa.string())])
COMPLETIONS = pa.schema(
    [
        ("ride_id", pa.string()),
        ("lpep_dropoff_datetime", _TIME),
        ("received_at", _MOMENT),
        ("sequence_number", pa.string()),
    ]
)
Line = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines of many objects, and the keys of the objects that could not be read whole."""

    table: pa.Table
    damaged: tuple[str, ...]


def read(bucket: Bucket, prefixes: Iterable[str], schema: pa.Schema) -> Lines:
    """Every line under the prefixes.

    Raises:
        workloads.data.months.DataError: the bucket refuses.
    """
    keys = [key for prefix in prefixes for key in bucket.keys(prefix)]
    columns = _prediction if schema is PREDICTIONS else _completion
    parts, damaged = [], []
    for key, part, whole in bucket.read_all(keys, lambda key, body: (key, *_table(body, schema, columns))):
        parts.append(part)
        if not whole:
            damaged.append(key)
    return Lines(table=pa.concat_tables([schema.empty_table(), *parts]), damaged=tuple(damaged))


def _table(
    body: bytes, schema: pa.Schema, columns: Callable[[Line], tuple[Any, ...]]
) -> tuple[pa.Table, bool]:
    """The lines of an object that can be read, and whether all of them can."""
    try:
        texts = zlib.decompress(body, 31).splitlines()
    except zlib.error:
        return schema.empty_table(), False
    try:
        rows = [columns(line) for line in json.loads(b"[" + b",".join(texts) + b"]")]
        return _arrow(rows, schema), True
    except (ValueError, TypeError, LookupError, pa.ArrowException):
        return _line_by_line(texts, schema, columns)


def _line_by_line(
    texts: list[bytes], schema: pa.Schema, columns: Callable[[Line], tuple[Any, ...]]
) -> tuple[pa.Table, bool]:
    """The same for an object with lines that cannot be read."""
    tables = []
    for text in texts:
        try:
            tables.append(_arrow([columns(json.loads(text))], schema))
        except (ValueError, TypeError, LookupError, pa.ArrowException):
            continue
    return pa.concat_tables([schema.empty_table(), *tables]), len(tables) == len(texts)


def _prediction(line: Line) -> tuple[Any, ...]:
    ride, prediction = line["ride"], line["prediction"]
    return (
        str(prediction["ride_id"]),
        line["model"],
        line["version"],
        prediction["ride_duration"],
        ride["PULocationID"],
        ride["DOLocationID"],
        ride["trip_distance"],
        ride.get("lpep_pickup_datetime"),
        ride.get("passenger_count"),
        line["predicted_at"],
        line["sequence_number"],
    )


def _completion(line: Line) -> tuple[Any, ...]:
    return str(line["ride_id"]), line["lpep_dropoff_datetime"], line["received_at"], line["sequence_number"]


def _arrow(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    values = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [_array(column, field.type) for column, field in zip(values, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _array(values: Iterable[Any], kind: pa.DataType) -> pa.Array:
    if not pa.types.is_timestamp(kind):
        return pa.array(values, kind)
    texts = pa.array(values, pa.string())
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:  # ISO 8601 has forms that Arrow does not know
        times = [None if text is None else datetime.fromisoformat(text) for text in texts.to_pylist()]
        return pa.array(times, kind)
