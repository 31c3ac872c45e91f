"""Physical names that two resources cannot both have."""

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ops.engine.model import UNKNOWN, Resource

_FILE = Path(__file__).with_name("unique_names.yaml")


@functools.cache
def _table() -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def clashes(*graphs: Iterable[Resource]) -> list[tuple[str, str]]:
    """URN and problem of each resource that AWS would refuse because another one has its name.

    The graphs are taken to share an account and a region. Names that Pulumi or AWS makes do not clash.
    """
    owners: dict[tuple[Any, ...], str] = {}
    found = []
    for resource in itertools.chain(*graphs):
        key = _key(resource)
        if key is None:
            continue
        owner = owners.setdefault(key, resource.urn)
        if owner != resource.urn:
            name = _table()[resource.type][0]
            found.append((resource.urn, f"{name} {key[1]!r} is taken by {owner}; set another one"))
    return found


def _key(resource: Resource) -> tuple[Any, ...] | None:
    """Type, name and scope; None where the name is not given or part of it is unknown."""
    inputs = [_at(resource.inputs, name) for name in _table().get(resource.type, ())]
    if not inputs or inputs[0] is None or any(value is UNKNOWN for value in inputs):
        return None
    return (resource.type, *map(str, inputs))


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    value: Any = inputs
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else value
    return value
