"""Objects of a bucket, with errors that say which request was refused and what to allow."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.data.months import DataError

READERS = 8
UPDATES = 10
T = TypeVar("T")


class Bucket:
    """A bucket; every method raises a DataError that names the bucket, the key and the fix.

    Args:
        name: The bucket.
        setting: The variable or option that names it, for errors.
        config: How the client waits and retries; without it as a command does, which has time.
    """

    def __init__(self, name: str, setting: str = "DATA_BUCKET", config: Config | None = None) -> None:
        if not name:
            raise DataError(
                f"{setting}: is empty; set it to the stack's bucket, or give the option of a bucket"
            )
        self.name = name
        self._setting = setting
        patient = Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=READERS)
        try:
            self._s3 = boto3.client("s3", config=config or patient)
        except (BotoCoreError, ValueError) as error:
            raise DataError(f"S3: {error}; check AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL") from error

    def get(self, key: str) -> bytes | None:
        """The object's bytes, None when there is no such object."""
        try:
            return bytes(self._s3.get_object(Bucket=self.name, Key=key)["Body"].read())
        except self._s3.exceptions.NoSuchKey:
            return None
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:GetObject and s3:ListBucket", key, error) from error

    def get_range(self, key: str, wanted: str) -> bytes:
        """A part of the object, `wanted` as in a Range header, such as `bytes=-8`."""
        try:
            return bytes(self._s3.get_object(Bucket=self.name, Key=key, Range=wanted)["Body"].read())
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:GetObject", key, error) from error

    def size(self, key: str) -> int | None:
        """The object's bytes in number, None when there is no such object."""
        try:
            return int(self._s3.head_object(Bucket=self.name, Key=key)["ContentLength"])
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                return None
            raise self._refused("s3:GetObject and s3:ListBucket", key, error) from error
        except BotoCoreError as error:
            raise self._refused("s3:GetObject and s3:ListBucket", key, error) from error

    def put(self, key: str, body: bytes) -> None:
        """Writes the object, over another one if need be."""
        try:
            self._s3.put_object(Bucket=self.name, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:PutObject", key, error) from error

    def update(self, key: str, change: Callable[[bytes | None], bytes]) -> None:
        """Replaces the object by what `change` makes of it, and again where another writer was in between."""
        for _ in range(UPDATES):
            body, condition = self._found(key)
            try:
                self._s3.put_object(Bucket=self.name, Key=key, Body=change(body), **condition)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] not in (
                    "PreconditionFailed",
                    "ConditionalRequestConflict",
                ):
                    raise self._refused("s3:PutObject", key, error) from error
            except BotoCoreError as error:
                raise self._refused("s3:PutObject", key, error) from error
        raise DataError(f"s3://{self.name}/{key}: {UPDATES} times another writer was faster; do it again")

    def _found(self, key: str) -> tuple[bytes | None, dict[str, Any]]:
        """The object, and the condition under which it is still the same."""
        try:
            answer = self._s3.get_object(Bucket=self.name, Key=key)
            return bytes(answer["Body"].read()), {"IfMatch": answer["ETag"]}
        except self._s3.exceptions.NoSuchKey:
            return None, {"IfNoneMatch": "*"}
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:GetObject and s3:ListBucket", key, error) from error

    def put_file(self, key: str, path: Path) -> None:
        """Writes the object from a file."""
        self.put(key, path.read_bytes())

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys under a prefix, in order."""
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", ()))
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:ListBucket", prefix, error) from error

    def folders(self, prefix: str) -> list[str]:
        """The names right under a prefix that ends in a slash, in order, such as `dt=2023-03-01`."""
        pages = self._s3.get_paginator("list_objects_v2")
        try:
            answers = list(pages.paginate(Bucket=self.name, Prefix=prefix, Delimiter="/"))
        except (BotoCoreError, ClientError) as error:
            raise self._refused("s3:ListBucket", prefix, error) from error
        found = [each["Prefix"] for page in answers for each in page.get("CommonPrefixes", ())]
        return [each.removeprefix(prefix).rstrip("/") for each in found]

    def read_all(self, keys: Sequence[str], read: Callable[[str, bytes], T]) -> Iterable[T]:
        """What `read` makes of each object, in the order of the keys, several at a time."""

        def one(key: str) -> T:
            return read(key, self.get(key) or b"")

        with ThreadPoolExecutor(READERS) as pool:
            yield from pool.map(one, keys)

    def _refused(self, actions: str, key: str, error: Exception) -> DataError:
        return DataError(
            f"{self._setting}: s3://{self.name}/{key} is refused ({error}); allow {actions} there, and check "
            "the bucket's name, AWS_PROFILE and AWS_ENDPOINT_URL"
        )
