"""Settings of the buckets."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.names import bucket_name
from components.common.settings import BucketSettings
from components.config.keys import SECTION, key
from components.config.types import Days, refuse

_LONGEST_BUCKET, _BUCKET_NAME_LIMIT = "monitoring-reports", 63


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StorageSettings(BucketSettings):
    """The buckets' names, life cycles and protection."""

    title: ClassVar[str] = "Buckets"

    access_log_days: Days = key("Days that the access logs are kept", 90)
    infrequent_access_days: Annotated[int, Field(ge=30, le=36_500)] = key(
        "Days until raw and processed data moves to S3 Standard-IA, 30 or more", 30
    )
    archive_days: Days = key(
        "Days until predictions, actuals and rejected rides move to S3 Glacier Instant Retrieval", 90
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._bucket_name_problems())
        return self

    def _bucket_name_problems(self) -> Iterator[str]:
        too_long = len(bucket_name(_LONGEST_BUCKET, self.bucket_suffix)) - _BUCKET_NAME_LIMIT
        if self.bucket_suffix and too_long > 0:
            yield (
                f"bucketSuffix: got {self.bucket_suffix!r}, allowed: {too_long} characters less, because "
                f"buckets' names, which hold the project's and the stack's, have {_BUCKET_NAME_LIMIT} at most"
            )
