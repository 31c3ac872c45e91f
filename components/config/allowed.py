"""What a setting may be, in words, from the constraints on its field."""

import functools
from typing import Any

from pydantic import TypeAdapter

_TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": 'a list, such as ["one", "two"]',
    "string": "text",
}


def allowed_values(section: type, field: str) -> str:
    """`none, instance, gateway` or `1 to 900` for `field` of a section; empty where nothing short says it."""
    return _describe(_properties(section)[field])


@functools.cache
def _properties(section: type) -> dict[str, Any]:
    properties: dict[str, Any] = TypeAdapter(section).json_schema()["properties"]
    return properties


def _describe(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "pattern" in schema:
        return f"what matches {schema['pattern']}"
    low, high = schema.get("minimum"), schema.get("maximum")
    kind = _TYPES.get(schema.get("type", ""), "")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}" if schema["type"] == "number" else f"{low} to {high}"
    if low is not None:
        return f"{kind}, {low} or more"
    return kind
