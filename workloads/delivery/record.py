"""A record of the stream, as a batch holds it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record of a shard; `arrival` is its ApproximateArrivalTimestamp in Unix seconds."""

    partition_key: str
    sequence_number: str
    data: bytes
    arrival: float
