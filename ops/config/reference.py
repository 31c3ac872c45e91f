"""The keys of Pulumi.yaml with the tiers' values beside them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.config.tiers import BY_TIER, PRESETS, TIERS

PROJECT_FILE = Path(__file__).parents[2] / "Pulumi.yaml"
_SECTION = re.compile(r"^  # (?P<title>.+)$")
_KEY = re.compile(r"^  (?P<key>\w+):$")


@dataclass(frozen=True, kw_only=True)
class Key:
    """A config key; `tiers` holds its value by tier where the tier decides it, and is empty otherwise."""

    section: str
    name: str
    type: str
    description: str
    default: Any
    tiers: dict[str, Any]


def keys() -> Iterator[Key]:
    """Every key in the order of Pulumi.yaml, whose comments name the sections."""
    text = PROJECT_FILE.read_text()
    schema = yaml.safe_load(text)["config"]
    section = "Tier"
    for line in text[text.index("\nconfig:") :].splitlines():
        if title := _SECTION.match(line):
            section = title["title"]
        elif (found := _KEY.match(line)) and found["key"] in schema:
            name, entry = found["key"], schema[found["key"]]
            decided = entry["default"] == BY_TIER
            yield Key(
                section=section,
                name=name,
                type=entry["type"],
                description=entry["description"],
                default=entry["default"],
                tiers={tier: PRESETS[tier][name] for tier in TIERS} if decided else {},
            )


def markdown() -> str:
    """The reference as docs/configuration.md holds it."""
    lines = [
        "# Configuration",
        "",
        "Every key is set with `pulumi config set KEY VALUE` and described in `Pulumi.yaml`. Where four",
        "values are given, the tier decides, in the order micro, learning, standard, production, until the",
        "key is set. This page is made by `make docs`.",
    ]
    section = ""
    for key in keys():
        if key.section != section:
            section = key.section
            lines += ["", f"## {section}", "", "| key | default | what it does |", "|---|---|---|"]
        default = " / ".join(f"`{shown(v)}`" for v in key.tiers.values()) or f"`{shown(key.default)}`"
        lines.append(f"| `{key.name}` | {default} | {key.description} |")
    return "\n".join(lines) + "\n"


def shown(value: Any) -> str:
    """A value as one would type it."""
    return value if isinstance(value, str) and value else json.dumps(value)
