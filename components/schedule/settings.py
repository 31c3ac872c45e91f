"""Settings of the hours in which the platform runs."""

from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from components.config.keys import SECTION, Section, key
from components.config.types import Distinct, refuse

Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def _time_zone(name: str) -> str:
    known = available_timezones()  # empty on a machine without the database; there AWS is the judge
    if known and name not in known:
        raise ValueError("allowed: a name of the IANA time zone database, such as Europe/Berlin")
    return name


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ScheduleSettings(Section):
    """When instances, services and the database run; outside of it they are stopped and cost no compute."""

    title: ClassVar[str] = "Office hours"

    schedule: Literal["always-on", "office-hours"] = key(
        "When compute runs: always-on or office-hours",
        micro="office-hours",
        learning="office-hours",
        standard="always-on",
        production="always-on",
    )
    schedule_time_zone: TimeZone = key("IANA time zone of the office hours", "America/New_York")
    schedule_start: Clock = key("When the office hours start, HH:MM", "08:00")
    schedule_stop: Clock = key("When the office hours end, HH:MM, later on the same day", "20:00")
    schedule_days: Annotated[tuple[Weekday, ...], Field(min_length=1), Distinct] = key(
        "Days with office hours: MON, TUE, WED, THU, FRI, SAT, SUN", ("MON", "TUE", "WED", "THU", "FRI")
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.schedule_start >= self.schedule_stop:
            refuse(
                [
                    f"scheduleStop: got {self.schedule_stop!r}, allowed: later than scheduleStart "
                    f"({self.schedule_start}) on the same day"
                ]
            )
        return self
