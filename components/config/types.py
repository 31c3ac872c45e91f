"""Types that sections of the settings share, and the limits that come with them."""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field


def refuse(problems: Iterable[str]) -> None:
    """Raises one `ValueError` that holds every problem, a line each; for a section's `@model_validator`."""
    lines = list(problems)
    if lines:
        raise ValueError("\n".join(lines))


def _network(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError:
        raise ValueError("allowed: an IPv4 range with no host bits set, such as 10.0.0.0/16") from None


def whole(value: object) -> object:
    """Config values are text, and a Literal of numbers does not read text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


# CloudWatch Logs takes these retentions and no others (PutRetentionPolicy).
_RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
LogRetentionDays = Annotated[_RetentionDays, BeforeValidator(whole)]

Architecture = Literal["arm64", "x86_64"]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Cidr = Annotated[str, AfterValidator(_network)]
