"""Office hours: what a stack pays for by the hour is stopped outside of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.common.account import from_this_account, partition
from components.common.iam import assume_role, policy, statement
from components.common.monitored import Alarm, Metric, Monitored
from components.common.names import physical_name
from components.common.pausable import Call, Pausable
from components.schedule.office_hours import closing, opening, saving
from components.schedule.settings import ScheduleSettings


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    """The settings, and what there is to stop and start."""

    settings: ScheduleSettings
    pausables: tuple[Pausable, ...] = ()


class Schedule(pulumi.ComponentResource):
    """Two schedules for each pausable resource, in a group that `python -m ops stack wake` reads.

    ::

        args = ScheduleArgs(settings=ScheduleSettings(), pausables=platform.pausables)
        schedule = Schedule("schedule", args)

    `saving` is the share of the compute's cost around the clock that the hours save, 0 when always on.
    """

    saving: float
    monitored: Monitored

    def __init__(self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Schedule", name, None, opts)
        self._name = name
        self._settings = args.settings
        self._opts = pulumi.ResourceOptions(parent=self)
        self.saving = 0.0
        self.monitored = Monitored(owner=self, name=name)
        if args.settings.schedule == "office-hours":
            settings = args.settings
            self.saving = saving(settings.schedule_start, settings.schedule_stop, settings.schedule_days)
            group = self._office_hours(args.pausables)
            self.monitored = replace(self.monitored, alarms=(_dropped(group),))
        self.register_outputs({"saving": self.saving})

    def _office_hours(self, pausables: Sequence[Pausable]) -> aws.scheduler.ScheduleGroup:
        group = aws.scheduler.ScheduleGroup(
            f"{self._name}-group", name=physical_name("office-hours"), opts=self._opts
        )
        role = self._role(pausables)
        start = opening(self._settings.schedule_start, self._settings.schedule_days)
        stop = closing(self._settings.schedule_stop)
        for pausable in pausables:
            self._schedule(f"{pausable.name}-start", start, pausable.start, group, role)
            self._schedule(f"{pausable.name}-stop", stop, pausable.stop, group, role)
        return group

    def _role(self, pausables: Sequence[Pausable]) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self._name}-scheduler",
            name=physical_name("office-hours"),
            assume_role_policy=pulumi.Output.json_dumps(
                assume_role("scheduler.amazonaws.com", conditions=from_this_account(self))
            ),
            opts=self._opts,
        )
        allowed = [
            statement(sorted({one.start.iam_action, one.stop.iam_action}), [one.arn]) for one in pausables
        ]
        aws.iam.RolePolicy(
            f"{self._name}-scheduler",
            role=role.name,
            policy=pulumi.Output.json_dumps(policy(*allowed)),
            opts=self._opts,
        )
        return role

    def _schedule(
        self, name: str, expression: str, call: Call, group: aws.scheduler.ScheduleGroup, role: aws.iam.Role
    ) -> None:
        aws.scheduler.Schedule(
            f"{self._name}-{name}",
            name=name,
            group_name=group.name,
            schedule_expression=expression,
            schedule_expression_timezone=self._settings.schedule_time_zone,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": pulumi.Output.format(
                    "arn:{0}:scheduler:::aws-sdk:{1}:{2}", partition(self), call.service, call.action
                ),
                "role_arn": role.arn,
                "input": pulumi.Output.json_dumps(call.parameters),
                # A database that is being backed up refuses to stop; an hour outlasts the backup.
                "retry_policy": {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 20},
            },
            opts=self._opts,
        )


def _dropped(group: aws.scheduler.ScheduleGroup) -> Alarm:
    """A call has failed for good, such as the start of a spot instance that finds no room."""
    return Alarm(
        name="dropped",
        aws_name="office-hours-dropped",
        meaning="something was not started or stopped for an hour, such as a spot instance without capacity; "
        "`python -m ops stack wake` tries again",
        runbook="spot-gone",
        metric=Metric(
            namespace="AWS/Scheduler",
            name="InvocationDroppedCount",
            dimensions={"ScheduleGroup": group.name},
        ),
        essential=True,
    )
