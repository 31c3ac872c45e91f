"""How a config key is declared: once, as a field of a section, beside the code that uses it.

::

    @dataclass(frozen=True, kw_only=True, config=SECTION)  # pydantic.dataclasses
    class NetworkSettings(Section):
        title: ClassVar[str] = "Network"

        vpc_cidr: Cidr = key("IPv4 range of the VPC, /16 to /28", "10.0.0.0/16")
        nat: Nat = key("Egress", micro="none", learning="none", standard="instance", production="gateway")

The field's type holds the limits. Pulumi.yaml's schema and docs/configuration.md are generated from the
declarations by `make docs`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter

from components.config.tiers import DEFAULT_TIER, TIERS, Tier

SECTION = ConfigDict(extra="forbid")
_NOT_GIVEN: Any = object()


class Section:
    """A component's settings: a frozen pydantic dataclass whose fields are config keys.

    `title` heads the section in Pulumi.yaml and in the reference.
    """

    title: ClassVar[str]


def key(
    description: str,
    default: Any = _NOT_GIVEN,
    *,
    micro: Any = _NOT_GIVEN,
    learning: Any = _NOT_GIVEN,
    standard: Any = _NOT_GIVEN,
    production: Any = _NOT_GIVEN,
) -> Any:
    """A config key with either one default or one value a tier.

    Without a tier, as where a section is made in code, a key has its default or the default tier's value.

    Raises:
        TypeError: both or neither are given, or not every tier has a value.
    """
    tiers = {"micro": micro, "learning": learning, "standard": standard, "production": production}
    given = {tier: value for tier, value in tiers.items() if value is not _NOT_GIVEN}
    if len(given) not in (0, len(TIERS)) or bool(given) == (default is not _NOT_GIVEN):
        raise TypeError(f"{description}: give either a default or a value for each of {', '.join(TIERS)}")
    return Field(
        default=given[DEFAULT_TIER] if given else default,
        description=description,
        json_schema_extra={"tiers": given},
    )


@dataclass(frozen=True, kw_only=True)
class Key:
    """A declared config key.

    `type` is that of Pulumi's config schema, `default` that of a key which no tier decides, and `tiers` the
    value by tier otherwise; exactly one of the two holds something.
    """

    section: str
    name: str
    type: str
    description: str
    default: Any
    tiers: Mapping[Tier, Any]


def keys(sections: Iterable[type[Section]]) -> Iterator[Key]:
    """The keys of `sections` in the order of their declaration; one that several share comes once."""
    seen = set()
    for section in sections:
        properties = TypeAdapter(section).json_schema()["properties"]
        for field, schema in properties.items():
            if field not in seen:
                seen.add(field)
                yield _key(section.title, field, schema)


def camel(name: str) -> str:
    """`vpc_cidr` is the config key `vpcCidr`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(key: str) -> str:
    """The config key `vpcCidr` is the field `vpc_cidr`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()


def _key(title: str, field: str, schema: Mapping[str, Any]) -> Key:
    tiers = {tier: schema["tiers"][tier] for tier in TIERS if schema["tiers"]}  # pydantic sorts them by name
    # Pulumi's schema has no type for fractions, and `tier` has to be accepted where a tier decides.
    type_ = "string" if tiers or schema["type"] == "number" else schema["type"]
    default = str(schema["default"]) if type_ == "string" and not tiers else schema["default"]
    return Key(
        section=title,
        name=camel(field),
        type=type_,
        description=schema["description"],
        default=None if tiers else default,
        tiers=tiers,
    )
