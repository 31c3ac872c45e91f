"""One way to make an alarm: from what components tell of themselves, by the level that the stack asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.monitored import RUNBOOKS, Monitored
from components.common.names import physical_name
from components.monitoring import alarms, logs
from components.monitoring.dashboard import dashboard_body
from components.monitoring.settings import AlarmSettings


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """The settings, whom to tell, and what there is to watch."""

    settings: AlarmSettings
    topic_arn: pulumi.Input[str]
    monitored: Sequence[Monitored]


class Monitoring(pulumi.ComponentResource):
    """Makes the alarms of every component, as children of the component that told of them.

    ::

        Monitoring(
            "monitoring",
            MonitoringArgs(settings=settings.alarms, topic_arn=topic.arn, monitored=(network.monitored,)),
        )

    Nothing else in the graph depends on it: with `monitoring: none` the rest stays as it is.
    """

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Monitoring", name, None, opts)
        self._name = name
        self._args = args
        self._opts = pulumi.ResourceOptions(parent=self)
        level = args.settings.monitoring
        if level != "none":
            made = list(self._alarms(full=level == "full"))
            for told in args.monitored:
                logs.make(told)
            self._dashboard(made)
            if level == "full" and made:
                self._platform_healthy(made)
        self.register_outputs({})

    def _alarms(self, *, full: bool) -> Iterator[aws.cloudwatch.MetricAlarm]:
        for told in self._args.monitored:
            for alarm in told.alarms:
                if full or alarm.essential:
                    yield alarms.metric_alarm(told, alarm, self._args.topic_arn)
            for event in told.events:
                alarms.event_rule(told, event, self._args.topic_arn)

    def _dashboard(self, made: Sequence[aws.cloudwatch.MetricAlarm]) -> None:
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        body = dashboard_body(
            [panel for told in self._args.monitored for panel in told.panels],
            [alarm.arn for alarm in made],
            region,
        )
        aws.cloudwatch.Dashboard(
            f"{self._name}-platform",
            dashboard_name=physical_name("platform"),
            dashboard_body=pulumi.Output.json_dumps(body),
            opts=self._opts,
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
