"""Settings of the hours in which the platform runs."""

from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from components.config.types import SECTION, refuse

Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


def _time_zone(name: str) -> str:
    known = available_timezones()  # empty on a machine without the database; there AWS is the judge
    if known and name not in known:
        raise ValueError("allowed: a name of the IANA time zone database, such as Europe/Berlin")
    return name


Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ScheduleSettings:
    """When instances, services and the database run; outside of it they are stopped and cost no compute."""

    schedule: Literal["always-on", "office-hours"] = "always-on"
    schedule_time_zone: TimeZone = "America/New_York"
    schedule_start: Clock = "08:00"
    schedule_stop: Clock = "20:00"
    schedule_days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("MON", "TUE", "WED", "THU", "FRI")

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
