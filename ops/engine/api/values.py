"""One value against one shape of AWS's: enum, range, length and pattern."""

import functools
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from botocore.model import Shape

from ops.engine.api.documented import Rule

_NUMBERS = ("integer", "long", "float", "double")
_SHOWN_VALUES = 12  # EC2 has over a thousand instance types


def value_problems(value: Any, shape: Shape) -> Iterator[str]:
    """What AWS's model refuses about a scalar; each text says what is allowed.

    pulumi-aws takes some enums as booleans, which no rule can translate: they pass.
    """
    if shape.type_name in _NUMBERS:
        yield from _range(value, shape.metadata.get("min"), shape.metadata.get("max"))
    elif shape.type_name == "string" and not isinstance(value, bool):
        text, limits = _text(value), shape.metadata
        if "enum" in limits and text not in limits["enum"]:
            yield f"allowed: {_listed(text, limits['enum'])}"
        yield from _length(len(text), "characters", limits.get("min"), limits.get("max"))
        if "pattern" in limits and not _matches(text, limits["pattern"]):
            yield f"must match {limits['pattern']}"


def size_problems(count: int, shape: Shape) -> Iterator[str]:
    """What AWS's model refuses about the number of a list's or a map's items."""
    yield from _length(count, "items", shape.metadata.get("min"), shape.metadata.get("max"))


def rule_problems(value: Any, rule: Rule) -> Iterator[str]:
    """What AWS's documentation refuses about a scalar."""
    found = [*_range(value, rule.minimum, rule.maximum)] if not isinstance(value, bool) else []
    if rule.values and value not in rule.values:
        found.append(f"allowed: {', '.join(map(str, rule.values))}")
    if rule.pattern and not _matches(_text(value), rule.pattern):
        found.append(f"must match {rule.pattern}")
    yield from (f'{text}; AWS: "{rule.says}"' for text in found)


def _text(value: Any) -> str:
    """What AWS is sent for a value that it takes as text: 30 for 30.0, as all numbers are in Pulumi."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _range(value: Any, low: float | None, high: float | None) -> Iterator[str]:
    if low is None and high is None:
        return
    try:
        number = float(value)
    except (TypeError, ValueError):
        yield "must be a number"
        return
    if (low is not None and number < low) or (high is not None and number > high):
        yield f"allowed: {_between(low, high)}"


def _length(count: int, unit: str, low: int | None, high: int | None) -> Iterator[str]:
    if (low is not None and count < low) or (high is not None and count > high):
        yield f"allowed: {_between(low, high)} {unit}, got {count}"


def _between(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"


def _listed(text: str, values: Sequence[str]) -> str:
    if len(values) <= _SHOWN_VALUES:
        return ", ".join(values)
    close = get_close_matches(text, values, n=3, cutoff=0.4)
    return f"one of {len(values)} values" + (f", such as {', '.join(close)}" if close else "")


def _matches(text: str, pattern: str) -> bool:
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    # Old models mean the whole text without saying so; new ones write the anchors.
    anchored = pattern.startswith("^") or pattern.endswith("$")
    return bool(compiled.search(text) if anchored else compiled.fullmatch(text))


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """AWS writes Java's regular expressions: its letter classes become Python's, a little wider ones.

    None for the few others that Python cannot read.
    """
    for java, python in (("\\p{L}", r"\w"), ("\\p{N}", r"\d"), ("\\p{Z}", r"\s")):
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None
