"""Settings of the buckets."""

from pydantic.dataclasses import dataclass

from components._settings.base import SECTION, Count


@dataclass(frozen=True, kw_only=True, config=SECTION)
class StorageSettings:
    """The buckets' life cycles."""

    force_destroy: bool = False
    noncurrent_version_days: Count = 30
    incomplete_upload_days: Count = 7
    access_log_days: Count = 90
