"""Settings of the buckets."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.names import bucket_name
from components.common.settings import DeletionProtectionSettings
from components.config.keys import SECTION, key
from components.config.types import Count, refuse

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LONGEST_BUCKET = "monitoring-reports"


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StorageSettings(DeletionProtectionSettings):
    """The buckets' names, life cycles and protection."""

    title: ClassVar[str] = "Buckets"

    bucket_suffix: str = key("What to append to bucket names, which all of AWS shares", "")
    force_destroy: bool = key(
        "Whether destroying the stack deletes buckets that hold something: true or false",
        micro=True,
        learning=True,
        standard=False,
        production=False,
    )
    noncurrent_version_days: Count = key("Days that buckets keep overwritten and deleted objects", 30)
    incomplete_upload_days: Count = key("Days until uploads that never ended are dropped", 7)
    access_log_days: Count = key("Days that the access logs are kept", 90)
    infrequent_access_days: Annotated[int, Field(ge=30)] = key(
        "Days until raw and processed data moves to S3 Standard-IA, 30 or more", 30
    )
    archive_days: Count = key(
        "Days until predictions, actuals and rejected rides move to S3 Glacier Instant Retrieval", 90
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._bucket_name_problems())
        return self

    def _bucket_name_problems(self) -> Iterator[str]:
        name = bucket_name(_LONGEST_BUCKET, self.bucket_suffix)
        if not _BUCKET_NAME.fullmatch(name):
            yield (
                f"bucketSuffix: got {self.bucket_suffix!r}, which names a bucket {name!r}, allowed: "
                f"63 of a-z, 0-9 and -, not {len(name)}; change bucketSuffix or the stack's name"
            )
