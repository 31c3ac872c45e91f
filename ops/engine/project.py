"""Pulumi.yaml and the stack files, read, completed and validated as the Pulumi CLI does it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.engine import stack_yaml
from ops.engine.model import SECRET_MASK, EngineError

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


@dataclass(frozen=True)
class StackConfig:
    """A stack's config as the program gets it: namespaced keys to text, objects as JSON."""

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]

    def disabled_default_providers(self) -> list[str]:
        """The packages whose resources must name a provider; `*` stands for all.

        Raises:
            EngineError: when the key is no list.
        """
        key = "pulumi:disable-default-providers"
        text = self.values.get(key, "[]")
        try:
            packages = json.loads(text)
        except ValueError:
            packages = None
        if not isinstance(packages, list):
            raise EngineError(f'{key}: must be a list such as ["aws"], got {text}')
        return packages


@dataclass(frozen=True)
class Project:
    """A Pulumi project on disk."""

    root: Path
    name: str
    main: Path
    schema: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, root: Path) -> "Project":
        """Reads `root`/Pulumi.yaml.

        Raises:
            EngineError: when there is none, or it is not a Python project.
        """
        file = root / "Pulumi.yaml"
        if not file.is_file():
            raise EngineError(f"no Pulumi.yaml in {root}; run from the project's folder")
        content = _read(file)
        runtime = content.get("runtime")
        language = runtime.get("name") if isinstance(runtime, dict) else runtime
        if language != "python":
            raise EngineError(f"{file}: runtime is {language!r}, this engine runs only 'python'")
        if not content.get("name"):
            raise EngineError(f"{file}: the project has no name")
        schema = {key: _declaration(value) for key, value in (content.get("config") or {}).items()}
        return cls(root=root, name=content["name"], main=root / content.get("main", "."), schema=schema)

    def stacks(self) -> list[str]:
        """The stacks that have a file beside Pulumi.yaml."""
        files = self.root.glob("Pulumi.*.yaml")
        return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)

    def stack_config(self, stack: str, overrides: Mapping[str, str]) -> StackConfig:
        """The stack file's values under `overrides`, with the project's defaults for what neither sets.

        Raises:
            EngineError: for a stack without a file, a key without a value, or a value of the wrong type.
        """
        if stack not in self.stacks():
            known = ", ".join(self.stacks()) or "none"
            raise EngineError(f"no Pulumi.{stack}.yaml in {self.root}; stacks there are: {known}")
        file = self.root / f"Pulumi.{stack}.yaml"
        found = _read(file).get("config") or {}
        if not isinstance(found, dict):
            raise EngineError(f"{file}: config must be a mapping of keys to values, got {_kind(found)}")
        values: dict[str, Any] = {self._qualified(key): value for key, value in found.items()}
        declared = {self._qualified(key): declaration for key, declaration in self.schema.items()}
        for key, text in overrides.items():
            qualified = self._qualified(key)
            values[qualified] = _parsed(text, declared.get(qualified, {}).get("type"))
        for key, declaration in declared.items():
            for default in ("value", "default"):
                if default in declaration:
                    values.setdefault(key, declaration[default])
        self._validate(stack, values, declared)
        secrets = tuple(key for key, value in values.items() if _is_secure(value))
        return StackConfig({key: _text(value) for key, value in values.items()}, secrets)

    def _qualified(self, key: str) -> str:
        return key if ":" in key else f"{self.name}:{key}"

    def _validate(
        self, stack: str, values: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]
    ) -> None:
        own = f"{self.name}:"
        problems = []
        for key, declaration in sorted(declared.items()):
            name = key.removeprefix(own)
            if key not in values:
                if key.startswith(own):
                    problems.append(f"{name} has no value; run `pulumi config set {name} VALUE`")
            elif declaration.get("secret") and not _is_secure(values[key]):
                problems.append(f"{name} is declared secret; run `pulumi config set --secret {name} VALUE`")
            elif "type" in declaration and not _fits(values[key], declaration):
                problems.append(f"{name} must be of type {_type_name(declaration)}, got {values[key]!r}")
        if problems:
            lines = "".join(f"\n  - {problem}" for problem in problems)
            raise EngineError(f"the config of stack {stack!r} does not fit Pulumi.yaml:{lines}")


def _read(file: Path) -> dict[str, Any]:
    try:
        content = stack_yaml.load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise EngineError(f"{file} is not UTF-8 text: {error}; save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise EngineError(f"{file} is not valid YAML: {error}") from error
    if content is not None and not isinstance(content, dict):
        raise EngineError(f"{file} must be a mapping at the top, got {_kind(content)}")
    return content or {}


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else f"the text {value!r}"


def _declaration(value: Any) -> Mapping[str, Any]:
    """`key: {type, default, ...}`, or the short form `key: value`."""
    return value if isinstance(value, dict) else {"default": value}


def _is_secure(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _parsed(text: str, declared_type: str | None) -> Any:
    """A value from the command line: text, but JSON where the project declares an array or an object."""
    if declared_type not in ("array", "object"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    """Only the Pulumi CLI holds the key to a secure value, so the program gets a placeholder for it."""
    if _is_secure(value):
        return SECRET_MASK
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _fits(value: Any, declaration: Mapping[str, Any]) -> bool:
    if _is_secure(value):
        return True
    match declaration.get("type"):
        case "string":
            return not isinstance(value, list | dict)
        case "integer":
            return not isinstance(value, bool) and bool(_INTEGER.fullmatch(str(value)))
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "array":
            items = declaration.get("items", {})
            return isinstance(value, list) and all(_fits(item, items) for item in value)
        case "object":
            return isinstance(value, dict)
        case _:
            return True


def _type_name(declaration: Mapping[str, Any]) -> str:
    if declaration["type"] != "array":
        return str(declaration["type"])
    return f"array<{_type_name(declaration.get('items') or {'type': 'any'})}>"
