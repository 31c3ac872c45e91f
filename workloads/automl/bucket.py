"""Objects in the data bucket: what one task leaves for the next."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.data.atomic import atomic_write
from workloads.training.errors import TrainingError


class Bucket:
    """A bucket by its name; every method raises a TrainingError that says what S3 refused."""

    def __init__(self, name: str) -> None:
        self.name = name
        with self._refusals(""):
            self._s3 = boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))

    def get(self, key: str) -> bytes | None:
        """The object's bytes; None when there is no such object."""
        with self._refusals(key):
            try:
                body: bytes = self._s3.get_object(Bucket=self.name, Key=key)["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None
            return body

    def put(self, key: str, body: bytes) -> None:
        """Writes the object, over another one if need be."""
        with self._refusals(key):
            self._s3.put_object(Bucket=self.name, Key=key, Body=body)

    def upload(self, key: str, path: Path) -> None:
        """Writes a file, in parts where it is large."""
        with self._refusals(key):
            self._s3.upload_file(str(path), self.name, key)

    def download(self, key: str, path: Path) -> None:
        """Copies the object to `path`, which never holds a part of it."""
        with self._refusals(key), atomic_write(path) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(self._s3.get_object(Bucket=self.name, Key=key)["Body"], file)

    def list(self, prefix: str) -> dict[str, str]:
        """The keys that begin with `prefix`, in order, and each object's entity tag."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        with self._refusals(prefix):
            found = [each for page in pages for each in page.get("Contents", [])]
        return {each["Key"]: each["ETag"] for each in found}

    @contextmanager
    def _refusals(self, key: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as error:
            raise TrainingError(
                f"s3://{self.name}/{key}: {error}; give the stack output data_storage_bucket, and "
                "credentials that may read and write it, with --data-bucket"
            ) from error


def read_json(bucket: Bucket, key: str) -> dict[str, Any] | None:
    """The object's JSON; None when there is no such object, or none of JSON."""
    try:
        found = json.loads(bucket.get(key) or b"null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
