"""One way to make an alarm: from what components tell of themselves, by the level that the stack asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.monitored import PLATFORM, RUNBOOKS, Alarm, Event, Monitored
from components.common.names import physical_name
from components.monitoring import alarms, logs
from components.monitoring.dashboard import dashboard_body
from components.monitoring.settings import AlarmSettings


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """The settings, whom to tell of what is essential and of the rest, and what there is to watch."""

    settings: AlarmSettings
    topic_arn: pulumi.Input[str]
    warning_topic_arn: pulumi.Input[str]
    monitored: Sequence[Monitored]


class Monitoring(pulumi.ComponentResource):
    """Makes the alarms of every component, as children of the component that told of them.

    ::

        Monitoring(
            "monitoring",
            MonitoringArgs(
                settings=settings.alarms,
                topic_arn=streaming.alarm_topic.arn,
                warning_topic_arn=streaming.warning_topic.arn,
                monitored=(network.monitored,),
            ),
        )

    Nothing else in the graph depends on it: with `monitoring: none` the rest stays as it is.
    """

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Monitoring", name, None, opts)
        self._name = name
        self._args = args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        level = args.settings.monitoring
        if level != "none":
            made = [(told, list(self._alarms(told, full=level == "full"))) for told in self._args.monitored]
            for told in args.monitored:
                logs.make(told)
            self._platform([(told, its) for told, its in made if told.part == PLATFORM])
            for told, its in made:
                if told.part != PLATFORM:
                    body = dashboard_body(
                        told.panels, [alarm.arn for alarm in its], self._region, costs=False
                    )
                    self._dashboard(f"{told.name}-{told.part}", told.part, body, parent=told.owner)
        self.register_outputs({})

    def _alarms(self, told: Monitored, *, full: bool) -> Iterator[aws.cloudwatch.MetricAlarm]:
        for alarm in told.alarms:
            if full or alarm.essential:
                yield alarms.metric_alarm(told, alarm, self._topic(alarm))
        for event in told.events:
            alarms.event_rule(told, event, self._topic(event))

    def _topic(self, one: Alarm | Event) -> pulumi.Input[str]:
        return self._args.topic_arn if one.essential else self._args.warning_topic_arn

    def _platform(self, parts: Sequence[tuple[Monitored, list[aws.cloudwatch.MetricAlarm]]]) -> None:
        panels = [panel for told, _ in parts for panel in told.panels]
        made = [alarm for _, its in parts for alarm in its]
        body = dashboard_body(panels, [alarm.arn for alarm in made], self._region)
        self._dashboard(f"{self._name}-platform", PLATFORM, body, parent=self)
        if made and self._args.settings.platform_healthy:
            self._platform_healthy(made)

    def _dashboard(self, name: str, part: str, body: dict[str, Any], *, parent: pulumi.Resource) -> None:
        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=physical_name(part),
            dashboard_body=pulumi.Output.json_dumps(body),
            opts=pulumi.ResourceOptions(parent=parent),
        )

    def _platform_healthy(self, made: Sequence[aws.cloudwatch.MetricAlarm]) -> None:
        """One state for the whole platform; its alarms have told the topic already."""
        names = pulumi.Output.all(*(alarm.name for alarm in made))
        aws.cloudwatch.CompositeAlarm(
            f"{self._name}-platform-healthy",
            alarm_name=physical_name("platform-healthy"),
            alarm_description="OK while none of the platform's alarms is in alarm. "
            f"What to do: {RUNBOOKS}#platform-healthy",
            alarm_rule=names.apply(lambda known: " OR ".join(f'ALARM("{name}")' for name in known)),
            alarm_actions=[self._args.topic_arn],
            ok_actions=[self._args.topic_arn],
            opts=self._opts,
        )
