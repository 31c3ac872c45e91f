"""The predictor's objects as tables: gzipped JSON lines to columns, damaged ones left out and named.

Arrow's reader of JSON takes a fifth of the time that Python's needs, and knows one type a column; what it
does not take, such as a ride's id that is a number, is read by Python's.
"""

import io
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

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
# Where in a line each column comes from, in the order of the columns; those of `_MAY_LACK` may be missing.
_PREDICTION = (
    "prediction.ride_id",
    "model",
    "version",
    "prediction.ride_duration",
    "ride.PULocationID",
    "ride.DOLocationID",
    "ride.trip_distance",
    "ride.lpep_pickup_datetime",
    "ride.passenger_count",
    "predicted_at",
    "sequence_number",
)
_MAY_LACK = {"ride.lpep_pickup_datetime", "ride.passenger_count"}
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
    """What of an object can be read, and whether that is all."""
    try:
        text = zlib.decompress(body, 31)
    except zlib.error:
        return schema.empty_table(), False
    try:
        return _by_arrow(text, schema), True
    except (ValueError, pa.ArrowException):
        return _by_python(text.splitlines(), schema, columns)


def _by_arrow(text: bytes, schema: pa.Schema) -> pa.Table:
    """The lines of an object, all of which are as the predictor writes them.

    Raises:
        ValueError: they are not.
    """
    places = _PREDICTION if schema is PREDICTIONS else schema.names
    read = pj.read_json(
        io.BytesIO(text),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(text) + 1),
        parse_options=pj.ParseOptions(
            explicit_schema=_nested(dict(zip(places, schema, strict=True))),
            unexpected_field_behavior="ignore",
        ),
    ).flatten()
    if any(read[place].null_count for place in places if place not in _MAY_LACK):
        raise ValueError("a line lacks a value")
    arrays = [_cast(read[place], field.type) for place, field in zip(places, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _nested(fields: dict[str, pa.Field]) -> pa.Schema:
    """The types of the lines: times are texts, and `a.b` is the member b of a."""
    members: dict[str, list[pa.Field]] = {}
    for place, field in fields.items():
        outer, _, inner = place.rpartition(".")
        kind = pa.string() if pa.types.is_timestamp(field.type) else field.type
        members.setdefault(outer, []).append(pa.field(inner, kind))
    flat = members.pop("", [])
    return pa.schema([*flat, *((outer, pa.struct(inner)) for outer, inner in members.items())])


def _by_python(
    texts: list[bytes], schema: pa.Schema, columns: Callable[[Line], tuple[Any, ...]]
) -> tuple[pa.Table, bool]:
    """The lines of an object that can be read, and whether all of them can."""
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
    return _cast(pa.array(values, pa.string()), kind)


def _cast(values: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Times from texts."""
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:  # ISO 8601 has forms that Arrow does not know
        times = [None if text is None else datetime.fromisoformat(text) for text in values.to_pylist()]
        return pa.array(times, kind)
