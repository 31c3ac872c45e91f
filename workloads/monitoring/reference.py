"""The reference of a model version, in the bundle's folder in the data bucket."""

import io
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.drift.calendar import kind
from workloads.drift.profile import Profile, usual


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A version's reference: its profile, its rides, and the month that the version was validated on."""

    profile: Profile
    rides: pd.DataFrame
    month: str

    def alike(self, day: date) -> pd.DataFrame:
        """The rides of the reference's days of the same kind."""
        rides = self.rides[usual(self.rides)]
        pickup = rides["lpep_pickup_datetime"].dt.normalize()
        chosen = [each for each in pickup.unique() if kind(each.date()) == kind(day)]
        alike: pd.DataFrame = rides[pickup.isin(chosen)]
        return alike


def load(bucket: Bucket, model: str, version: str) -> Reference:
    """The reference of a version.

    Raises:
        DataError: there is none, or it is damaged.
    """
    folder = f"models/{model}/versions/{version}"
    profile, rides, manifest = (
        bucket.get(f"{folder}/{name}") for name in ("reference.json", "reference.parquet", "manifest.json")
    )
    if profile is None or rides is None or manifest is None:
        raise DataError(
            f"s3://{bucket.name}/{folder}/: has no reference.json, reference.parquet or manifest.json; "
            "versions that were trained before references were kept have none, train a new one"
        )
    try:
        frame: pd.DataFrame = pq.read_table(io.BytesIO(rides)).to_pandas()
        return Reference(profile=Profile.from_json(profile), rides=frame, month=_month(json.loads(manifest)))
    except (ValueError, KeyError, pa.ArrowException) as error:
        raise DataError(
            f"s3://{bucket.name}/{folder}/: the reference is damaged ({error}); promote the version again, "
            "which writes it again"
        ) from error


def _month(manifest: dict[str, Any]) -> str:
    return str(manifest["metrics"]["valid_month"])
