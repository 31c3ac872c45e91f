"""Office hours: when what is stopped and started, by whom, and what that saves."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.common.pausable import pausable_database, pausable_instance, pausable_service
from components.schedule import Schedule, ScheduleArgs
from components.schedule.office_hours import HOURS_PER_WEEK, closing, hours_off, opening, saving
from components.schedule.settings import ScheduleSettings
from components.settings import Settings, SettingsError
from tests.components.watching import TOPIC, watched

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
PAUSABLES = (
    pausable_instance("orchestration", instance_id="i-1", arn="arn:instance"),
    pausable_service("scheduler", cluster="c", service="s", arn="arn:service", count=2),
    pausable_database("database", identifier="db", arn="arn:db"),
)


@given(st.integers(0, 22), st.integers(1, 23), st.sets(st.sampled_from(DAYS), min_size=1))
def test_hours_on_and_off_make_a_week_and_the_saving_is_a_share(
    start: int, length: int, days: set[str]
) -> None:
    stop = min(start + length, 23)
    off = hours_off(f"{start:02}:00", f"{stop:02}:00", sorted(days))
    assert off + len(days) * (stop - start) == HOURS_PER_WEEK
    assert 0 < saving(f"{start:02}:00", f"{stop:02}:00", sorted(days)) <= 1


def test_weekdays_from_eight_to_eight_save_nearly_two_thirds() -> None:
    assert hours_off("08:00", "20:00", DAYS[:5]) == 108
    assert saving("08:00", "20:00", DAYS[:5]) == 108 / 168
    assert hours_off("08:15", "20:45", ("MON", "MON")) == 168 - 12.5, "a day counts once"


def test_opening_is_on_the_working_days_and_closing_on_every_day() -> None:
    assert opening("08:30", DAYS[:2]) == "cron(30 8 ? * MON,TUE *)"
    assert closing("20:45") == "cron(45 20 * * ? *)"


def test_start_and_stop_of_each_pausable(
    deploy: Callable[..., Any],
) -> None:
    """And the role may do just that."""
    args = ScheduleArgs(
        settings=ScheduleSettings(schedule="office-hours", schedule_time_zone="Europe/Berlin"),
        pausables=PAUSABLES,
    )
    deployed = deploy(lambda: Schedule("schedule", args))
    calls = {
        one.inputs["name"]: one.inputs["target"] for one in deployed.all("aws:scheduler/schedule:Schedule")
    }
    assert {name: target["arn"].rsplit(":", 2)[1:] for name, target in calls.items()} == {
        "orchestration-start": ["ec2", "startInstances"],
        "orchestration-stop": ["ec2", "stopInstances"],
        "scheduler-start": ["ecs", "updateService"],
        "scheduler-stop": ["ecs", "updateService"],
        "database-start": ["rds", "startDBInstance"],
        "database-stop": ["rds", "stopDBInstance"],
    }
    statements = deployed.one("RolePolicy").inputs["policy"]["Statement"]
    assert [(one["Action"], one["Resource"]) for one in statements] == [
        (["ec2:StartInstances", "ec2:StopInstances"], ["arn:instance"]),
        (["ecs:UpdateService"], ["arn:service"]),
        (["rds:StartDBInstance", "rds:StopDBInstance"], ["arn:db"]),
    ]
    zones = {
        one.inputs["scheduleExpressionTimezone"] for one in deployed.all("aws:scheduler/schedule:Schedule")
    }
    assert zones == {"Europe/Berlin"}


def test_parameters_of_the_calls() -> None:
    """In the spelling of AWS's Java SDK, which EventBridge Scheduler takes."""
    instance, service, database = PAUSABLES
    here = {"Cluster": "c", "Service": "s"}
    assert [(one.stop.parameters, one.start.parameters) for one in (instance, database)] == [
        ({"InstanceIds": ["i-1"]},) * 2,
        ({"DbInstanceIdentifier": "db"},) * 2,
    ]
    assert service.stop.parameters == {**here, "DesiredCount": 0}
    assert service.start.parameters == {**here, "DesiredCount": 2}


def test_failed_start_raises_an_alarm(deploy: Callable[..., Any]) -> None:
    """EventBridge Scheduler counts a call that failed at every try as a dropped invocation."""
    args = ScheduleArgs(settings=ScheduleSettings(schedule="office-hours"), pausables=PAUSABLES)
    deployed = deploy(lambda: watched(Schedule("schedule", args)))
    alarm = deployed.one("MetricAlarm").inputs
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Scheduler", "InvocationDroppedCount")
    assert alarm["dimensions"] == {"ScheduleGroup": "mlops-taxi-prediction-office-hours-dev"}
    assert alarm["alarmActions"] == [TOPIC]


def test_always_on_makes_nothing(deploy: Callable[..., Any]) -> None:
    deployed = deploy(
        lambda: Schedule(
            "schedule",
            ScheduleArgs(settings=ScheduleSettings(schedule="always-on"), pausables=PAUSABLES),
        )
    )
    assert [one.type for one in deployed.resources] == ["mlops:index:Schedule"]


@pytest.mark.parametrize(
    ("tier", "schedule"),
    [
        ("micro", "office-hours"),
        ("learning", "office-hours"),
        ("standard", "always-on"),
        ("production", "always-on"),
    ],
)
def test_the_tier_decides_unless_the_stack_does(tier: str, schedule: str) -> None:
    assert Settings.from_config({"tier": tier}).schedule.schedule == schedule


def test_closing_before_opening_is_refused() -> None:
    with pytest.raises(SettingsError, match="scheduleStop: got '07:00', allowed: later than scheduleStart"):
        Settings.from_config({"scheduleStop": "07:00"})


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingsError, match="scheduleTimeZone: got 'Mars/Base'"):
        Settings.from_config({"scheduleTimeZone": "Mars/Base"})
