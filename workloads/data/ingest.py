"""A month into the data bucket: as published, as rides, and what was rejected, each with its reason.

Doing it again, after a kill at any point too, leaves the same objects. The record is written last: where it
is, the rest is complete.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.dataset import Dataset
from workloads.data.months import DataError
from workloads.data.quality import rides
from workloads.data.s3 import Bucket


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """A month that was taken in.

    Args:
        dataset: The data set's name.
        month: As YYYY-MM.
        source: `tlc` or `synthetic`.
        sha256: The checksum of the file as published.
        trips: The rows of the file.
        rides: Those that count.
        rejected: Those that do not, by reason.
        keys: Where the file, the rides and the rejected trips are in the bucket.
    """

    dataset: str
    month: str
    source: str
    sha256: str
    trips: int
    rides: int
    rejected: Mapping[str, int]
    keys: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """What lies beside the rides."""
        return asdict(self)


class QuarantinedError(DataError):
    """A file that cannot be used, and was put where it can be looked at."""


def ingest(bucket: Bucket, month: str, path: Path, source: str, dataset: Dataset) -> Ingested:
    """Takes a month's file into the bucket.

    Raises:
        QuarantinedError: the file is damaged, of another layout, or not a whole month of usable trips.
        DataError: the bucket refuses.
    """
    try:
        found = rides(path, month, dataset)
    except DataError as error:
        raise quarantine(bucket, month, path, dataset, str(error)) from error
    failed = [str(check) for check in found.checks() if not check.passed]
    if failed:
        raise quarantine(bucket, month, path, dataset, f"{path}: {'; '.join(failed)}")
    record = Ingested(
        dataset=dataset.name,
        month=month,
        source=source,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        trips=len(found.frame) + len(found.trips),
        rides=len(found.frame),
        rejected=dict(found.rejected),
        keys={
            "raw": dataset.raw_key(month),
            "processed": dataset.processed_key(month),
            "quarantine": dataset.quarantine_key(month),
        },
    )
    bucket.put_file(record.keys["raw"], path)
    bucket.put(record.keys["processed"], _parquet(found.frame))
    bucket.put(record.keys["quarantine"], _parquet(found.trips))
    bucket.put(dataset.record_key(month), json.dumps(record.document(), indent=1).encode())
    return record


def quarantine(bucket: Bucket, month: str, path: Path, dataset: Dataset, why: str) -> QuarantinedError:
    """Puts a file that cannot be used aside, with the reason beside it; gives the error that says so."""
    body = path.read_bytes()
    key = f"quarantine/{dataset.name}/files/{month}-{hashlib.sha256(body).hexdigest()[:16]}.parquet"
    bucket.put(key, body)
    bucket.put(f"{key}.json", json.dumps({"month": month, "reason": why}, indent=1).encode())
    return QuarantinedError(
        f"{why}. The file is kept as s3://{bucket.name}/{key}; the month was not taken in"
    )


def _parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")
    return file.getvalue()
