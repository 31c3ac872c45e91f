"""Checks a resource's inputs against its SDK's own description, at every depth."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ops.engine.model import UNKNOWN, Asset

_SCALARS = {"string": str, "integer": int, "number": int | float, "asset": Asset}


def problems(inputs: Mapping[str, Any], description: Mapping[str, Any]) -> list[str]:
    """What is wrong with `inputs`, a line per property: unknown names, missing required ones, wrong types.

    `description` is what `ops.engine.describe.describe` gives. Unknown and null values fit every type.
    """
    return list(_object(inputs, description, description["objects"], ""))


def _object(
    value: Mapping[str, Any], fields: Mapping[str, Any], objects: Mapping[str, Any], path: str
) -> Iterator[str]:
    for name, item in value.items():
        here = f"{path}.{name}" if path else name
        if name in fields["inputs"]:
            yield from _value(item, fields["inputs"][name], objects, here)
        else:
            close = get_close_matches(name, fields["inputs"], n=1)
            hint = f"did you mean {close[0]}?" if close else f"allowed: {', '.join(sorted(fields['inputs']))}"
            yield f"{here}: no such property; {hint}"
    for name in fields["required"]:
        if value.get(name) is None:
            yield f"{path}.{name}: required, but missing" if path else f"{name}: required, but missing"


def _value(value: Any, shape: Any, objects: Mapping[str, Any], path: str) -> Iterator[str]:
    if value is None or value is UNKNOWN or shape == "any":
        return
    if not _kind_fits(value, shape):
        kind = shape if isinstance(shape, str) else "list" if "array" in shape else "object"
        yield f"{path}: must be {_article(kind)}, got {_shown(value)}"
    elif "union" in shape:
        attempts = [list(_value(value, member, objects, path)) for member in shape["union"]]
        yield from [] if [] in attempts else min(attempts, key=len)
    elif "array" in shape:
        for index, item in enumerate(value):
            yield from _value(item, shape["array"], objects, f"{path}[{index}]")
    elif "map" in shape:
        for name, item in value.items():
            yield from _value(item, shape["map"], objects, f"{path}[{name!r}]")
    elif "object" in shape:
        yield from _object(value, objects[shape["object"]], objects, path)


def _kind_fits(value: Any, shape: Any) -> bool:
    match shape:
        case {"union": _}:
            return True
        case {"array": _}:
            return isinstance(value, list | tuple)
        case {}:
            return isinstance(value, Mapping)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return isinstance(value, _SCALARS[shape]) and not isinstance(value, bool)


def _article(shape: str) -> str:
    return f"an {shape}" if shape[0] in "aeio" else f"a {shape}"


def _shown(value: Any) -> str:
    """The kind of value only: the value itself may be a secret."""
    kinds = {str: "a string", bool: "a boolean", int: "a number", float: "a number", Asset: "an asset"}
    return kinds.get(type(value), "a list" if isinstance(value, Sequence) else "an object")
