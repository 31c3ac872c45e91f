"""Reads what the function wrote, object by object, while it writes on."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ops.sandbox.account import Ledger, Place

PREFIXES: Mapping[str, Place] = {
    "predictions/": "predicted",
    "rejected/": "rejected",
    "actuals/": "completed",
}
KEPT_OBJECTS = 400  # for each prefix: the others are deleted once they are counted
READERS = 2


class Results:
    """Counts the objects of the data bucket into a ledger, each once.

    An object is final when its first record is before the checkpoint of its shard; until then a retry may
    overwrite it. moto holds objects in memory, which is why most of a great number are deleted.
    """

    def __init__(
        self,
        s3: Any,
        bucket: str,
        ledger: Ledger,
        predicted: Callable[[Mapping[str, Any]], None],
        *,
        kept_objects: int = KEPT_OBJECTS,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._ledger = ledger
        self._predicted = predicted  # is told each line of a prediction
        self._kept_objects = kept_objects
        self._counted: set[str] = set()
        self.deleted = 0

    def read(self, checkpoints: Mapping[str, int] | None = None) -> None:
        """Counts the objects that are final; all of them without `checkpoints`."""
        for prefix, place in PREFIXES.items():
            keys = [key for key in self._keys(prefix) if key not in self._counted]
            keys = [key for key in keys if checkpoints is None or _final(key, checkpoints)]
            with ThreadPoolExecutor(READERS) as pool:
                for key, lines in zip(keys, pool.map(self._lines, keys), strict=True):
                    self._count(key, place, lines)
            kept = sum(key.startswith(prefix) for key in self._counted)
            room = max(0, self._kept_objects - kept)
            self._counted.update(keys[:room])
            self._delete(prefix, keys[room:])

    def _keys(self, prefix: str) -> Iterator[str]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", ()))

    def _lines(self, key: str) -> list[dict[str, Any]]:
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return [json.loads(line) for line in gzip.decompress(body).splitlines()]

    def _count(self, key: str, place: Place, lines: list[dict[str, Any]]) -> None:
        shard_id, _ = _shard_and_number(key)
        self._ledger.find(place, shard_id, (int(line["sequence_number"]) for line in lines))
        if place == "predicted":
            for line in lines:
                self._predicted(line)

    def _delete(self, prefix: str, keys: list[str]) -> None:
        """Deletes objects with all of their versions: deleting one brings the version before it back."""
        doomed = set(keys)
        if not doomed:
            return
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        versions = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]}
            for page in pages
            for entry in page.get("Versions", ())
            if entry["Key"] in doomed
        ]
        for start in range(0, len(versions), 1000):
            self._s3.delete_objects(
                Bucket=self._bucket, Delete={"Objects": versions[start : start + 1000], "Quiet": True}
            )
        self.deleted += len(doomed)


def _shard_and_number(key: str) -> tuple[str, int]:
    """The shard and the first sequence number in an object's name."""
    shard_id, _, number = key.rpartition("/")[2].removesuffix(".jsonl.gz").rpartition("-")
    return shard_id, int(number)


def _final(key: str, checkpoints: Mapping[str, int]) -> bool:
    shard_id, number = _shard_and_number(key)
    return number < checkpoints.get(shard_id, 0)
