"""Alarms on EC2 instances, which report to the platform's topic and may act on the instance themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.account import partition
from components.common.names import physical_name

_MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]


class InstanceAlarms:
    """Makes the alarms of one instance: `purpose` is what its physical names call it, `name` its resource."""

    def __init__(
        self, name: str, purpose: str, *, topic_arn: pulumi.Input[str], parent: pulumi.Resource
    ) -> None:
        self._name = name
        self._purpose = purpose
        self._topic_arn = topic_arn
        self._parent = parent

    def on_status(self, instance_id: pulumi.Input[str], *, spot: bool = False) -> None:
        """Moves an instance whose machine has failed to another one, and reboots one that does not answer."""
        instance = {"InstanceId": instance_id}
        if not spot:  # EC2 recovers no spot instances; their persistent request starts them again
            self.on(
                "recover",
                "the machine under the instance has failed; it moves to another",
                Metric(namespace="AWS/EC2", name="StatusCheckFailed_System", dimensions=instance),
                periods=2,
                actions=[self._ec2_action("recover")],
            )
        self.on(
            "reboot",
            "the instance's system does not answer; it is rebooted",
            Metric(namespace="AWS/EC2", name="StatusCheckFailed_Instance", dimensions=instance),
            periods=3,
            actions=[self._ec2_action("reboot")],
        )

    def on(
        self,
        alarm: str,
        description: str,
        metric: Metric,
        *,
        periods: int,
        actions: Sequence[pulumi.Input[str]] = (),
    ) -> None:
        """Alarms when the metric is above 0 for `periods` minutes, with `actions` besides the topic."""
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm}",
            name=physical_name(f"{self._purpose}-{alarm}"),
            alarm_description=description,
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.dimensions,
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=_MINUTE,
            evaluation_periods=periods,
            treat_missing_data="notBreaching",  # a stopped instance reports nothing
            alarm_actions=[*actions, self._topic_arn],
            ok_actions=[self._topic_arn],
            opts=pulumi.ResourceOptions(parent=self._parent),
        )

    def _ec2_action(self, action: str) -> pulumi.Output[str]:
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self._parent)).region
        return pulumi.Output.format("arn:{0}:automate:{1}:ec2:{2}", partition(self._parent), region, action)
