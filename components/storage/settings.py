"""Settings of the buckets."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.names import bucket_name
from components.common.settings import DeletionProtectionSettings
from components.config.aws_types import matching
from components.config.keys import SECTION, key
from components.config.types import Days, refuse

_LONGEST_BUCKET, _BUCKET_NAME_LIMIT = "monitoring-reports", 63
_Suffix = Annotated[
    str, matching(r"[a-z0-9]+(-[a-z0-9]+)*", "a-z, 0-9 and single hyphens between them", or_empty=True)
]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StorageSettings(DeletionProtectionSettings):
    """The buckets' names, life cycles and protection."""

    title: ClassVar[str] = "Buckets"

    bucket_suffix: _Suffix = key("What to append to bucket names, which all of AWS shares", "")
    force_destroy: bool = key(
        "Whether destroying the stack deletes buckets that hold something: true or false",
        micro=True,
        learning=True,
        standard=False,
        production=False,
    )
    noncurrent_version_days: Days = key("Days that buckets keep overwritten and deleted objects", 30)
    incomplete_upload_days: Days = key("Days until uploads that never ended are dropped", 7)
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
