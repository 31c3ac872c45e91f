"""Reads the values of a stack's config into a section, or says what is wrong with them."""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.config.allowed import allowed_values
from components.config.keys import camel

_LONGEST_SHOWN = 80


def decoded(value: str) -> Any:
    """Pulumi hands every value over as text, lists and objects as JSON; pydantic reads the scalars."""
    if value.startswith(("[", "{")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def shown(value: Any) -> str:
    """A value in a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def read(
    section: type, values: Mapping[str, Any], defaults: Mapping[str, Any], secrets: Container[str]
) -> tuple[Any, list[str]]:
    """The section made from those of `values` (by key) that it has, or None and a sentence for each problem.

    `defaults` stand in for what `values` leaves out and, while the other fields are checked against each
    other, for what is wrong. No sentence shows the value of a key in `secrets`.
    """
    keys = {field.name: camel(field.name) for field in fields(section)}
    given = {name: values[key] for name, key in keys.items() if key in values}
    usual = {name: defaults[key] for name, key in keys.items() if key in defaults}
    try:
        return section(**{**usual, **given}), []
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        lines = list(_lines(section, error.errors(), secrets))
    if wrong:
        right = {name: value for name, value in given.items() if name not in wrong}
        lines += _between_fields(section, {**usual, **right}, [keys[name] for name in wrong], secrets)
    return None, lines


def _between_fields(
    section: type, values: Mapping[str, Any], wrong: Iterable[str], secrets: Container[str]
) -> list[str]:
    """What does not fit together in `values`, without what depends on a key in `wrong`."""
    try:
        section(**values)
    except ValidationError as error:
        found = _lines(section, error.errors(), secrets)
        return [line for line in found if not _names_of_keys(line).intersection(wrong)]
    return []


def _lines(section: type, problems: list[ErrorDetails], secrets: Container[str]) -> Iterator[str]:
    for problem in problems:
        if problem["loc"]:
            yield _field_line(section, problem, secrets)
        else:
            for line in _own_words(problem).splitlines():
                yield _without_secrets(line, secrets)


def _field_line(section: type, problem: ErrorDetails, secrets: Container[str]) -> str:
    """What pydantic found, as this project words it: the key, what it got, what is allowed."""
    field, *index = problem["loc"]
    key = camel(str(field))
    place = "".join(f"[{one}]" for one in index)
    got = "a secret" if key in secrets else shown(problem["input"])
    allowed = "" if problem["type"] == "value_error" else allowed_values(section, str(field))
    return f"{key}{place}: got {got}, {f'allowed: {allowed}' if allowed else _own_words(problem)}"


def _own_words(problem: ErrorDetails) -> str:
    return problem["msg"].removeprefix("Value error, ")


def _without_secrets(line: str, secrets: Container[str]) -> str:
    hidden = sorted(key for key in _names_of_keys(line) if key in secrets)
    if not hidden:
        return line
    return f"{line.partition(':')[0]}: does not fit {', '.join(hidden)}, which is secret and not shown"


def _names_of_keys(line: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9]+", line))
