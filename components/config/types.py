"""Types that sections of the settings share, and the limits that come with them."""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from components.config.aws_types import matching


def refuse(problems: Iterable[str]) -> None:
    """Raises one `ValueError` that holds every problem, a line each; for a section's `@model_validator`.

    A problem names every key that it depends on: while one of these has no valid value, it is not shown.
    """
    lines = list(problems)
    if lines:
        raise ValueError("\n".join(lines))


def _network(text: str) -> str:
    try:
        return str(IPv4Network(text))
    except ValueError:
        raise ValueError("allowed: an IPv4 range with no host bits set, such as 10.0.0.0/16") from None


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"allowed: each value once, {', '.join(twice)} comes more than once")
    return values


def _ssh_public_key(text: str) -> str:
    """Refuses what EC2 does: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html."""
    if not text:
        return text
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    try:
        key = load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("allowed: the whole line of a .pub file that ssh-keygen -t ed25519 made") from None
    if not isinstance(key, Ed25519PublicKey) and not (
        isinstance(key, RSAPublicKey) and key.key_size in _RSA_BITS
    ):
        raise ValueError("allowed: a key that EC2 takes: ED25519, or RSA of 2048 or 4096 bits")
    return text


def whole(value: object) -> object:
    """Config values are text, and a Literal of numbers does not read text."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < _MOST_DIGITS else value


_MOST_DIGITS = 20  # Python refuses to read numbers of thousands of digits
_RSA_BITS = (1024, 2048, 4096)

# CloudWatch Logs takes these retentions and no others (PutRetentionPolicy).
_RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
LogRetentionDays = Annotated[_RetentionDays, BeforeValidator(whole)]

Architecture = Literal["arm64", "x86_64"]
Days = Annotated[int, Field(ge=1, le=36_500)]
Share = Annotated[float, Field(ge=0, le=1)]
Cidr = Annotated[str, AfterValidator(_network)]
Distinct = AfterValidator(_distinct)
_EMAIL = (
    r"[a-zA-Z0-9._%+'-]{1,64}@([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}",
    "an e-mail address, such as alarms@example.com",
)
Email = Annotated[str, matching(*_EMAIL)]
OptionalEmail = Annotated[str, matching(*_EMAIL, or_empty=True)]
OptionalDomainName = Annotated[
    str,
    matching(
        r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])",
        "a domain name in lower case, such as rides.example.com",
        or_empty=True,
    ),
]
OptionalHttpsUrl = Annotated[
    str,
    matching(
        r"https://[a-zA-Z0-9.-]+(:[0-9]{1,5})?(/[a-zA-Z0-9._~!$&'()*+,;=:@%/-]*)?",
        "a URL that begins with https://",
        or_empty=True,
    ),
]
OptionalSshPublicKey = Annotated[str, AfterValidator(_ssh_public_key)]
