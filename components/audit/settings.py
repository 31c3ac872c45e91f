"""Settings of CloudTrail and AWS Config."""

from typing import ClassVar

from pydantic.dataclasses import dataclass

from components.common.settings import BucketSettings
from components.config.keys import SECTION, key
from components.config.types import Days


@dataclass(frozen=True, kw_only=True, config=SECTION)
class AuditSettings(BucketSettings):
    """Whether the stack records what happens in its account, which other stacks or people may do already."""

    title: ClassVar[str] = "CloudTrail and AWS Config"

    cloud_trail: bool = key(
        "Whether CloudTrail records who calls AWS, in every region: true or false; an account's second trail "
        "of management events is billed",
        False,
    )
    aws_config: bool = key(
        "Whether AWS Config records and checks the account's resources: true or false; AWS refuses a second "
        "recorder in a region",
        False,
    )
    audit_retention_days: Days = key("Days that the records of both are kept", 365)
