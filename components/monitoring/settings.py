"""Settings of alarms and dashboard."""

from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from components.config.keys import SECTION, Section, key


@dataclass(frozen=True, kw_only=True, config=SECTION)
class AlarmSettings(Section):
    """How much of what the components tell is watched."""

    title: ClassVar[str] = "Alarms and dashboard"

    monitoring: Literal["none", "essential", "full"] = key(
        "Alarms and dashboard: none, essential (what loses rides or stops the platform) or full (all alarms)",
        micro="essential",
        learning="essential",
        standard="full",
        production="full",
    )
    platform_healthy: bool = key(
        "Whether the alarm platform-healthy sums all others up, for half a dollar a month: true or false",
        micro=False,
        learning=False,
        standard=True,
        production=True,
    )
