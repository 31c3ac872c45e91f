"""The alarms on the way from a ride to its prediction, and the topic that they report to."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.common.iam import policy, service_statement, tls_only
from components.common.names import physical_name

_MINUTE = 60
_REFRESH_FAILURES = "ModelRefreshFailures"
WATCHED_METRICS = (_REFRESH_FAILURES,)  # of those that the predictor itself reports


class Alarms:
    """An SNS topic, subscribed to by `email` unless that is empty, and the alarms that publish to it."""

    def __init__(self, name: str, email: str, *, parent: pulumi.Resource) -> None:
        self._name = name
        self._parent = parent
        # Not encrypted: CloudWatch cannot publish under the AWS-managed key, a key of one's own costs a
        # dollar a month, and what passes through are the names and states of alarms.
        self.topic = aws.sns.Topic(
            f"{name}-alarms",
            name=physical_name("alarms"),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        self._topic_policy()
        if email:
            aws.sns.TopicSubscription(
                f"{name}-alarms-email",
                topic=self.topic.arn,
                protocol="email",
                endpoint=email,
                opts=pulumi.ResourceOptions(parent=parent),
            )

    def on_predictor(self, function_name: pulumi.Input[str], *, iterator_age_seconds: int) -> None:
        """Alarms when rides wait for too long, or the function fails, is throttled or refuses a model."""
        function = {"FunctionName": function_name}
        self._alarm(
            "iterator-age",
            f"rides wait for longer than {iterator_age_seconds} s to be predicted",
            namespace="AWS/Lambda",
            metric="IteratorAge",
            dimensions=function,
            statistic="Maximum",
            threshold=iterator_age_seconds * 1000,
            periods=5,
        )
        self._alarm(
            "errors",
            "the predictor fails; its log group says why",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions=function,
        )
        self._alarm(
            "throttles",
            "the account has no concurrency left for the predictor",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions=function,
        )
        self._alarm(
            "model-refresh-failures",
            "a newly published model is refused; the predictor keeps serving the last good one",
            namespace=pulumi.get_project(),
            metric=_REFRESH_FAILURES,
            dimensions={"service": function_name},
        )

    def on_dead_letters(self, queue_name: pulumi.Input[str]) -> None:
        """Alarms as long as the dead-letter queue holds anything."""
        self._alarm(
            "dead-letters",
            "rides were given up; the queue's messages say where in the stream they are",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue_name},
            statistic="Maximum",
        )

    def _alarm(
        self,
        name: str,
        description: str,
        *,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, pulumi.Input[str]],
        statistic: str = "Sum",
        threshold: float = 0,
        periods: int = 1,
    ) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{name}",
            name=physical_name(name),
            alarm_description=description,
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            statistic=statistic,
            comparison_operator="GreaterThanThreshold",
            threshold=threshold,
            period=_MINUTE,
            evaluation_periods=periods,
            treat_missing_data="notBreaching",
            alarm_actions=[self.topic.arn],
            ok_actions=[self.topic.arn],
            opts=pulumi.ResourceOptions(parent=self._parent),
        )

    def _topic_policy(self) -> None:
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self._parent)
        ).account_id
        publish = service_statement(
            ["cloudwatch.amazonaws.com"],
            ["sns:Publish"],
            [self.topic.arn],
            sid="PublishAlarms",
            conditions={"StringEquals": {"aws:SourceAccount": account}},
        )
        aws.sns.TopicPolicy(
            f"{self._name}-alarms",
            arn=self.topic.arn,
            # SNS refuses a topic policy with sns:*.
            policy=pulumi.Output.json_dumps(policy(publish, tls_only(["sns:Publish"], [self.topic.arn]))),
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
