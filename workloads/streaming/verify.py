"""Whether everything that the stream holds ended somewhere: predicted, rejected or completed."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from workloads.data.s3 import Bucket
from workloads.streaming.stream import Record

KINDS = {"predictions": "predicted", "rejected": "rejected", "actuals": "completed"}
_SAMPLES = 5
Place = tuple[str, str]  # a shard and a sequence number


@dataclass(frozen=True, kw_only=True)
class Account:
    """Records by where they ended; `missing` ones are nowhere, of which some are shown."""

    records: int
    predicted: int
    rejected: int
    completed: int
    missing: int
    samples: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The account as JSON."""
        return asdict(self)


class Verifier:
    """Looks for records in a data bucket; what it has found it does not look for again."""

    def __init__(self, bucket: Bucket, records: Iterable[Record]) -> None:
        self._bucket = bucket
        self._missing = {(each.shard_id, each.sequence_number): each for each in records}
        self._total = len(self._missing)
        self._found = dict.fromkeys(KINDS.values(), 0)
        self._read: set[str] = set()

    def look(self) -> Account:
        """Reads the objects that are new since the last look.

        Raises:
            workloads.data.months.DataError: the bucket refuses.
        """
        for kind, name in KINDS.items():
            keys = [key for key in self._bucket.keys(f"{kind}/") if key not in self._read]
            for key, places in self._bucket.read_all(keys, lambda key, body: (key, _places(key, body))):
                self._read.add(key)
                for place in places:
                    if self._missing.pop(place, None):
                        self._found[name] += 1
        samples = [each.data.decode(errors="replace")[:200] for each in self._missing.values()]
        return Account(
            records=self._total,
            predicted=self._found["predicted"],
            rejected=self._found["rejected"],
            completed=self._found["completed"],
            missing=len(self._missing),
            samples=tuple(samples[:_SAMPLES]),
        )


def _places(key: str, body: bytes) -> list[Place]:
    """Where the lines of an object come from; its name begins with the shard."""
    shard_id = key.rpartition("/")[2].rpartition("-")[0]
    try:
        lines = zlib.decompress(body, 31).splitlines()
        return [(shard_id, json.loads(line)["sequence_number"]) for line in lines]
    except (zlib.error, ValueError, KeyError, TypeError):
        return []
