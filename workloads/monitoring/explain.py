"""From a prediction back to what it was made of: model version, training run, months and their checksums."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from workloads.data.dataset import DATASETS
from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.monitoring.ground_truth_lookup import find


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month that the version was trained or validated on.

    Args:
        month: As YYYY-MM.
        role: `train` or `validate`.
        dataset: Its data set; empty for versions whose manifest does not say.
        sha256: The checksum of the file that the training read; empty likewise.
        in_bucket: Whether the bucket took in the very same file; None when that is not on record.
    """

    month: str
    role: str
    dataset: str
    sha256: str
    in_bucket: bool | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A prediction, and everything that it rests on."""

    ride: dict[str, Any]
    version: str
    model: str
    model_sha256: str
    run_id: str
    data_source: str
    trained_at: str
    metrics: dict[str, Any]
    months: tuple[Month, ...]

    def document(self) -> dict[str, Any]:
        """The explanation as JSON."""
        return asdict(self)


def explain(bucket: Bucket, ride_id: str, day: str = "") -> Explanation:
    """Explains the prediction of a ride.

    Raises:
        DataError: no joined day has the ride, its version's manifest is gone, or the bucket refuses.
    """
    ride = find(bucket, ride_id, day)
    if ride is None:
        where = f"on {day}" if day else "on any joined day"
        raise DataError(
            f"RIDE_ID: got {ride_id!r}, which has no prediction {where} of s3://{bucket.name}; "
            "check the id, or join its day first, `python -m workloads.monitoring join DAY`"
        )
    return origin(bucket, ride)


def origin(bucket: Bucket, ride: dict[str, Any]) -> Explanation:
    """Explains a prediction, of which `ride` holds the `model` and the `version` at least.

    Raises:
        DataError: the version's manifest is gone, or the bucket refuses.
    """
    name, version = ride["model"], ride["version"]
    key = f"models/{name}/versions/{version}/manifest.json"
    body = bucket.get(key)
    if body is None:
        raise DataError(f"s3://{bucket.name}/{key}: no such object; version {version} was deleted")
    manifest = json.loads(body)
    return Explanation(
        ride=ride,
        version=version,
        model=name,
        model_sha256=manifest["model_sha256"],
        run_id=manifest["run_id"],
        data_source=manifest.get("data_source", "tlc"),
        trained_at=manifest["created_at"],
        metrics=manifest["metrics"],
        months=tuple(_months(bucket, manifest)),
    )


def _months(bucket: Bucket, manifest: dict[str, Any]) -> list[Month]:
    roles = dict.fromkeys(manifest["training"]["months"], "train")
    roles[manifest["metrics"]["valid_month"]] = "validate"
    sources = manifest.get("sources", {})
    return [_month(bucket, month, role, sources.get(month, {})) for month, role in roles.items()]


def _month(bucket: Bucket, month: str, role: str, source: dict[str, str]) -> Month:
    dataset, digest = source.get("dataset", ""), source.get("sha256", "")
    record = bucket.get(DATASETS[dataset].record_key(month)) if dataset in DATASETS else None
    return Month(
        month=month,
        role=role,
        dataset=dataset,
        sha256=digest,
        in_bucket=json.loads(record)["sha256"] == digest if record else None,
    )
