"""docs/configuration.md, generated from the declarations of the config keys."""

import json
from collections.abc import Iterable
from typing import Any

from components.config.keys import Key

_HEAD = """# Configuration

Every key is set with `pulumi config set KEY VALUE` and described in `Pulumi.yaml`. Where four
values are given, the tier decides, in the order micro, learning, standard, production, until the
key is set. In a stack file a key needs no project in front (`tier: learning`), so that the files serve the
project under any name that `pulumi new` gives it. This page is made by `make docs`.
"""


def reference(keys: Iterable[Key]) -> str:
    """The page as Markdown, a table for each section."""
    lines = []
    section = ""
    for key in keys:
        if key.section != section:
            section = key.section
            lines += ["", f"## {section}", "", "| key | default | what it does |", "|---|---|---|"]
        default = " / ".join(f"`{shown(value)}`" for value in key.tiers.values()) or f"`{shown(key.default)}`"
        lines.append(f"| `{key.name}` | {default} | {key.description} |")
    return _HEAD + "\n".join(lines) + "\n"


def shown(value: Any) -> str:
    """A value as one would type it."""
    return value if isinstance(value, str) and value else json.dumps(value)
