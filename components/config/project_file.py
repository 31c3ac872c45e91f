"""Pulumi.yaml's schema of the config keys, generated from their declarations."""

from collections.abc import Iterable, Mapping

import yaml

from components.config.keys import Key
from components.config.tiers import BY_TIER, DEFAULT_TIER, TIERS

_HEADING = "\nconfig:\n"
_TIER = {
    "type": "string",
    "description": f"Cost tier, which sets what the other keys leave to it: {', '.join(TIERS)}",
    "default": DEFAULT_TIER,
}


def with_schema(project_file: str, keys: Iterable[Key]) -> str:
    """The text of Pulumi.yaml with its section `config`, which is the last, replaced by that of `keys`."""
    head, _, _ = project_file.partition(_HEADING)
    return head + _HEADING + _schema(keys)


def _schema(keys: Iterable[Key]) -> str:
    blocks = [_block("tier", _TIER)]
    section = ""
    for key in keys:
        if key.section != section:
            section = key.section
            blocks.append(f"\n  # {section}\n")
        items = {"items": {"type": "string"}} if key.type == "array" else {}
        default = BY_TIER if key.tiers else key.default
        blocks.append(
            _block(key.name, {"type": key.type, **items, "description": key.description, "default": default})
        )
    return "".join(blocks)


def _block(name: str, entry: Mapping[str, object]) -> str:
    return "".join([f"  {name}:\n", *(f"    {_line(field, value)}" for field, value in entry.items())])


def _line(field: str, value: object) -> str:
    inline = None if isinstance(value, list | dict) else False
    return yaml.safe_dump({field: value}, default_flow_style=inline, width=1000)
