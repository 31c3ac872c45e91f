"""The topics that the platform's alarms report to."""

import pulumi
import pulumi_aws as aws

from components.common.iam import policy, service_statement, tls_only
from components.common.names import physical_name


class AlarmTopic:
    """The SNS topic called `purpose`, subscribed to by `email` unless that is empty."""

    def __init__(self, name: str, purpose: str, email: str, *, parent: pulumi.Resource) -> None:
        self._name = f"{name}-{purpose}"
        self._parent = parent
        # Not encrypted: CloudWatch cannot publish under the AWS-managed key, a key of one's own costs a
        # dollar a month, and what passes through are the names and states of alarms.
        self.topic = aws.sns.Topic(
            self._name,
            name=physical_name(purpose),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        self._topic_policy()
        if email:
            aws.sns.TopicSubscription(
                f"{self._name}-email",
                topic=self.topic.arn,
                protocol="email",
                endpoint=email,
                opts=pulumi.ResourceOptions(parent=parent),
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
        # Without conditions, which EventBridge does not bring along to a topic's policy:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        events = service_statement(
            ["events.amazonaws.com"], ["sns:Publish"], [self.topic.arn], sid="PublishEvents"
        )
        aws.sns.TopicPolicy(
            self._name,
            arn=self.topic.arn,
            # SNS refuses a topic policy with sns:*.
            policy=pulumi.Output.json_dumps(
                policy(publish, events, tls_only(["sns:Publish"], [self.topic.arn]))
            ),
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
