"""Limits that AWS's documentation states and its models leave out, each with the sentence it stands in."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("documented.yaml")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a member may be: `says` is AWS's own sentence, `source` its page when the model does not have it.

    `fargate` rules hold for task definitions that name Fargate.
    """

    service: str
    shape: str
    member: str
    says: str
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    values: tuple[Any, ...] = ()
    fargate: bool = False
    source: str = ""


@functools.cache
def rules() -> Mapping[tuple[str, str, str], Rule]:
    """Every rule, by service, shape and member."""
    found = {}
    for service, rows in yaml.safe_load(_FILE.read_text("utf-8")).items():
        for name, row in rows.items():
            shape, member = name.split(".")
            found[service, shape, member] = Rule(
                service=service,
                shape=shape,
                member=member,
                says=row["says"],
                minimum=row.get("min"),
                maximum=row.get("max"),
                pattern=row.get("pattern"),
                values=tuple(row.get("values", ())),
                fargate=row.get("fargate", False),
                source=row.get("from", ""),
            )
    return found


def rule_for(service: str, shape: str, member: str) -> Rule | None:
    """The documented rule for a member, if there is one."""
    return rules().get((service, shape, member))
