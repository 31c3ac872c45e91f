"""Bundles in the data bucket, where the predictor finds them."""

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError


class DataBucket:
    """The bucket; every method raises a TrainingError that says what S3 refused."""

    def __init__(self, name: str) -> None:
        self._name = name
        try:
            self._s3 = boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 5}))
        except (BotoCoreError, ValueError) as error:
            raise TrainingError(f"S3: {error}; check AWS_PROFILE and AWS_ENDPOINT_URL") from error

    def check(self) -> None:
        """Finds out before hours of work whether the bucket can be used."""
        try:
            self._s3.head_bucket(Bucket=self._name)
        except (ClientError, BotoCoreError) as error:
            raise TrainingError(
                f"--data-bucket: got {self._name!r}, which cannot be used ({error}); give the stack output "
                "data_storage_bucket, and credentials that may read and write it"
            ) from error

    def upload(self, bundle: Bundle) -> None:
        """Writes the model and its reference, then the manifest that describes the model."""
        for name, body in bundle.files().items():
            self._put(f"{bundle.folder}/{name}", body)

    def point(self, alias: str, bundle: Bundle) -> None:
        """Makes the predictor serve a bundle that is already there."""
        self._put(pointer_key(bundle.name, alias), json.dumps(bundle.pointer(alias)).encode())

    def pointer(self, name: str, alias: str) -> dict[str, Any]:
        """What the alias of the model `name` points at; empty when nothing valid is there."""
        key = pointer_key(name, alias)
        try:
            body = self._s3.get_object(Bucket=self._name, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return {}
        except (ClientError, BotoCoreError) as error:
            raise TrainingError(f"s3://{self._name}/{key}: {error}") from error
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _put(self, key: str, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=self._name, Key=key, Body=body)
        except (ClientError, BotoCoreError) as error:
            raise TrainingError(
                f"s3://{self._name}/{key} cannot be written: {error}; allow s3:PutObject on models/*"
            ) from error


def pointer_key(name: str, alias: str) -> str:
    """Where the pointer of an alias of the model `name` lies."""
    return f"models/{name}/{alias}.json"
