"""What every section of the settings shares."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

SECTION = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True)

# CloudWatch Logs takes these retentions and no others (PutRetentionPolicy).
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip

Architecture = Literal["arm64", "x86_64"]
Count = Annotated[int, Field(ge=1)]
Cidr = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")]
