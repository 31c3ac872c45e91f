"""Settings of the buckets."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, Count


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StorageSettings:
    """The buckets' names, life cycles and protection."""

    bucket_suffix: str = ""
    force_destroy: bool = False
    deletion_protection: bool = False
    noncurrent_version_days: Count = 30
    incomplete_upload_days: Count = 7
    access_log_days: Count = 90
    infrequent_access_days: Annotated[int, Field(ge=30)] = (
        30  # S3 moves nothing to STANDARD_IA before 30 days
    )
    archive_days: Count = 90
