"""A month's or some days' rides, scored by the model that an alias names, into the data bucket."""

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.dataset import Dataset
from workloads.data.months import DataError, MonthError, valid_month
from workloads.data.s3 import Bucket
from workloads.training.bundle import Bundle

COLUMNS = (
    "lpep_pickup_datetime",
    "PULocationID",
    "DOLocationID",
    "trip_distance",
    "passenger_count",
    "minutes",
)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The rides to score: those of the months that begin on the days from `first` to `last`."""

    name: str  # in the predictions' key
    months: tuple[str, ...]
    first: str = ""
    last: str = ""

    @classmethod
    def month(cls, month: str, dataset: Dataset) -> "Window":
        """A whole month.

        Raises:
            MonthError: it is not a month.
        """
        return cls(name=valid_month(month, dataset), months=(month,))

    @classmethod
    def days(cls, first: str, last: str, dataset: Dataset) -> "Window":
        """A range of days.

        Raises:
            MonthError: one is not a day, or the last is before the first.
        """
        try:
            days = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            raise MonthError(
                f"--first, --last: got {first!r} and {last!r}, allowed: days as YYYY-MM-DD"
            ) from None
        if days[1] < days[0]:
            raise MonthError(f"--last: got {last}, allowed: {first} or later")
        months = pd.period_range(first, last, freq="M").strftime("%Y-%m").tolist()
        for month in months:
            valid_month(month, dataset)
        return cls(name=f"{days[0]}_{days[1]}", months=tuple(months), first=first, last=last)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What was written: how many rides, by which version, and its error on them in minutes."""

    window: str
    dataset: str
    model: str
    version: str
    model_sha256: str
    rides: int
    rmse: float | None
    key: str

    def document(self) -> dict[str, Any]:
        """What lies beside the predictions."""
        return asdict(self)


def newest(bucket: Bucket, dataset: Dataset) -> str:
    """The newest month that was taken in.

    Raises:
        DataError: there is none.
    """
    prefix = f"processed/{dataset.name}/"
    months = [key.removeprefix(prefix)[:-5] for key in bucket.keys(prefix) if key.endswith(".json")]
    if not months:
        raise DataError(
            f"s3://{bucket.name}/{prefix} holds no month; take one in with `python -m workloads.data ingest`"
        )
    return max(months)


def current(bucket: Bucket, name: str, alias: str) -> Bundle:
    """The bundle that the alias names.

    Raises:
        DataError: none is published, or it is not what the pointer says.
    """
    key = f"models/{name}/{alias}.json"
    pointer = json.loads(bucket.get(key) or b"null")
    if not isinstance(pointer, dict):
        raise DataError(f"s3://{bucket.name}/{key}: no model is published; train one, or set MODEL_ALIAS")
    parts = {part: bucket.get(pointer[f"{part}_key"]) or b"" for part in ("model", "manifest")}
    for part, body in parts.items():
        if hashlib.sha256(body).hexdigest() != pointer[f"{part}_sha256"]:
            raise DataError(
                f"s3://{bucket.name}/{pointer[f'{part}_key']}: does not have the checksum of {key}; publish "
                "the version again with `python -m workloads.training reconcile`"
            )
    return Bundle(**parts)


def score(bucket: Bucket, window: Window, dataset: Dataset, bundle: Bundle) -> Scored:
    """Scores the rides and writes them; the same window and version write the same object again.

    Raises:
        DataError: a month was not taken in, no ride is in the window, or the bucket refuses.
    """
    rides = pd.concat([_rides(bucket, month, dataset) for month in window.months], ignore_index=True)
    if window.first:
        days = rides["lpep_pickup_datetime"].dt.strftime("%Y-%m-%d")
        rides = rides[days.between(window.first, window.last)].reset_index(drop=True)
    if not len(rides):
        raise DataError(f"{window.name}: no ride began then; choose other days")
    predicted = np.asarray(bundle.predict(rides), dtype=np.float64)
    key = f"batch/{dataset.name}/{window.name}/version={bundle.version}"
    table = rides[list(COLUMNS)].assign(predicted_minutes=predicted, version=bundle.version)
    scored = Scored(
        window=window.name,
        dataset=dataset.name,
        model=bundle.name,
        version=bundle.version,
        model_sha256=hashlib.sha256(bundle.model).hexdigest(),
        rides=len(table),
        rmse=float(np.sqrt(np.mean((predicted - table["minutes"].to_numpy()) ** 2))),
        key=f"{key}/predictions.parquet",
    )
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), file, compression="zstd")
    bucket.put(scored.key, file.getvalue())
    bucket.put(f"{key}/summary.json", json.dumps(scored.document(), indent=1).encode())
    return scored


def _rides(bucket: Bucket, month: str, dataset: Dataset) -> pd.DataFrame:
    key = dataset.processed_key(month)
    body = bucket.get(key)
    if body is None:
        raise DataError(
            f"s3://{bucket.name}/{key}: no such month; take it in with "
            f"`python -m workloads.data ingest {month} --dataset {dataset.name}`"
        )
    frame: pd.DataFrame = pq.read_table(io.BytesIO(body), columns=list(COLUMNS)).to_pandas()
    return frame
