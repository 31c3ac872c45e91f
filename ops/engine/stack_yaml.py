"""YAML as the Pulumi CLI reads it: with Go's yaml.v3, which decides differently from PyYAML what a scalar is.

`yes` and `on` are text, `2.0` is the number 2, `010` is 8, `1:30` is text, and a date is written out as Go
prints times. The rules are those of `resolve.go` in https://github.com/go-yaml/yaml/tree/v3.
"""

import re
from typing import Any

import yaml

_NULLS = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOLS = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_FLOATS = re.compile(r"^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$")
_INTS = re.compile(
    r"^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|0|[1-9][0-9_]*)$",
)
_DATES = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with yaml.v3's idea of scalars."""


_Loader.yaml_implicit_resolvers = {}  # those of PyYAML are YAML 1.1's


def _int(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("_", "").lower()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    bases = {"0x": 16, "0b": 2, "0o": 8}
    if digits[:2] in bases:
        return sign * int(digits[2:], bases[digits[:2]])
    return sign * int(digits, 8 if digits.startswith("0") else 10)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float | int:
    """A whole number becomes an integer: the CLI writes it without a point."""
    number = float(loader.construct_scalar(node).replace("_", ""))
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _date(loader: _Loader, node: yaml.ScalarNode) -> str:
    year, month, day = _DATES.fullmatch(loader.construct_scalar(node)).groups()  # type: ignore[union-attr]
    return f"{year}-{int(month):02}-{int(day):02} 00:00:00 +0000 UTC"


for _tag, _pattern, _first in (
    ("null", _NULLS, [*"~nN", ""]),
    ("bool", _BOOLS, [*"tTfF"]),
    ("timestamp", _DATES, [*"0123456789"]),
    ("int", _INTS, [*"+-0123456789"]),
    ("float", _FLOATS, [*"+-.0123456789"]),
    ("merge", re.compile(r"^<<$"), ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)


def load(text: str) -> Any:
    """The document in `text`.

    Raises:
        yaml.YAMLError: when it is not YAML.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with other scalars
