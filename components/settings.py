"""The only reader of the stack's config: one frozen `Settings`, or one message with every problem in it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import ValidationError

from components._settings.fargate import FargateSettings
from components._settings.network import NetworkSettings
from components._settings.schedule import ScheduleSettings
from components._settings.storage import StorageSettings
from components._settings.streaming import StreamingSettings
from components._tiers import BY_TIER, PRESETS, TIERS, Tier

SECTIONS: dict[str, type] = {
    "network": NetworkSettings,
    "storage": StorageSettings,
    "streaming": StreamingSettings,
    "fargate": FargateSettings,
    "schedule": ScheduleSettings,
}


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used; the message lists every problem, a line each."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a stack's config decides, validated."""

    tier: Tier
    aws: Mapping[str, Any]
    network: NetworkSettings
    storage: StorageSettings
    streaming: StreamingSettings
    fargate: FargateSettings
    schedule: ScheduleSettings

    @classmethod
    def load(cls) -> "Settings":
        """Reads the running program's config, fills the tier's presets in, and validates it.

        Raises:
            SettingsError: with every problem found, before any resource exists.
        """
        config = {**get_config_env(), **CONFIG.get()}
        return cls.from_config(_namespace(config, pulumi.get_project()), aws=_namespace(config, "aws"))

    @classmethod
    def from_config(cls, config: Mapping[str, str], *, aws: Mapping[str, str] | None = None) -> "Settings":
        """Validates `config`: keys without their namespace to values as Pulumi hands them over (text or JSON).

        Raises:
            SettingsError: with every problem found.
        """
        tier = config.get("tier", "learning")
        if tier not in TIERS:
            raise SettingsError(_message([f"tier: got {tier!r}, allowed: {', '.join(TIERS)}"]))
        chosen = {key: _decode(value) for key, value in config.items() if value != BY_TIER and key != "tier"}
        values = {**PRESETS[tier], **chosen}
        problems = list(_unknown_keys(chosen))
        sections = {name: _section(section, values, problems) for name, section in SECTIONS.items()}
        if problems:
            raise SettingsError(_message(problems))
        decoded = {_snake(key): _decode(value) for key, value in (aws or {}).items()}
        return cls(tier=cast(Tier, tier), aws=decoded, **sections)


def config_keys() -> set[str]:
    """Every key a stack may set, in camel case and without its namespace."""
    return {"tier"} | {_camel(field.name) for section in SECTIONS.values() for field in fields(section)}


def _namespace(config: Mapping[str, str], namespace: str) -> dict[str, str]:
    prefix = f"{namespace}:"
    return {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}


def _unknown_keys(config: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(config.keys() - config_keys()):
        close = get_close_matches(key, config_keys(), n=1)
        hint = f"did you mean {close[0]}?" if close else "see the config section of Pulumi.yaml"
        yield f"{key}: not a setting; {hint}"


def _section(section: type, values: Mapping[str, Any], problems: list[str]) -> Any:
    own = {
        field.name: values[_camel(field.name)] for field in fields(section) if _camel(field.name) in values
    }
    try:
        return section(**own)
    except ValidationError as error:
        for problem in error.errors():
            key = _camel(str(problem["loc"][0])) if problem["loc"] else section.__name__
            text = problem["msg"].removeprefix("Value error, ")
            line = f"{key}: got {problem['input']!r}, {text[0].lower()}{text[1:]}" if problem["loc"] else text
            if line not in problems:
                problems.append(line)
        return None


def _message(problems: list[str]) -> str:
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return f"the config of stack {pulumi.get_stack()!r} cannot be used:{lines}\nset a key with `pulumi config set KEY VALUE`"


def _decode(value: str) -> Any:
    """Pulumi hands every value over as text, objects as JSON; `08:00` and names stay text."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower()
