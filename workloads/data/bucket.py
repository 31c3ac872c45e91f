"""Months in a stack's data bucket, where they are looked for first."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.data.atomic import atomic_write
from workloads.data.dataset import Dataset
from workloads.data.months import DataError


def download(bucket: str, months: Sequence[str], folder: Path, dataset: Dataset) -> dict[str, Path]:
    """Downloads those months that are in `bucket` as `raw/<data set>/<YYYY-MM>.parquet`, into `folder`.

    Raises:
        DataError: S3 cannot be asked or refuses, or the folder cannot be written.
    """
    try:
        s3 = boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))
        files = {month: folder / dataset.file_name(month) for month in months}
        return {
            month: path for month, path in files.items() if _get(s3, bucket, dataset.raw_key(month), path)
        }
    except (BotoCoreError, ClientError, ValueError) as error:
        raise DataError(
            f"DATA_BUCKET: s3://{bucket}/raw/{dataset.name}/ cannot be read ({error}); allow s3:ListBucket "
            "and s3:GetObject on raw/*, check AWS_PROFILE and AWS_ENDPOINT_URL, or give a folder with --data"
        ) from error


def _get(s3: Any, bucket: str, key: str, path: Path) -> bool:
    """Whether the bucket has the month, which is then in `path`."""
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    except s3.exceptions.NoSuchKey:
        return False
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        shutil.copyfileobj(body, file)
    return True
