"""Queues and topics."""

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, picked, tag_list

_QUEUE = {
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "delaySeconds": "DelaySeconds",
    "redrivePolicy": "RedrivePolicy",
    "fifoQueue": "FifoQueue",
}


def _queue(clients: Clients, resource: Registration) -> Created:
    name, sqs = name_of(resource), clients("sqs")
    # SQS takes every attribute as text, truth in small letters.
    attributes = {key: _text(value) for key, value in picked(resource.inputs, _QUEUE).items()}
    url = sqs.create_queue(
        QueueName=name, Attributes=attributes, tags=dict(resource.inputs.get("tags") or {})
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Created(id=url, outputs={"arn": arn, "name": name, "url": url})


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _queue_policy(clients: Clients, resource: Registration) -> Created:
    url = resource.inputs["queueUrl"]
    clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": resource.inputs["policy"]})
    return Created(id=url)


def _topic(clients: Clients, resource: Registration) -> Created:
    name = name_of(resource)
    arn = clients("sns").create_topic(Name=name, Tags=tag_list(resource))["TopicArn"]
    return Created(id=arn, outputs={"arn": arn, "name": name})


def _topic_policy(clients: Clients, resource: Registration) -> Created:
    arn = resource.inputs["arn"]
    clients("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=resource.inputs["policy"]
    )
    return Created(id=arn)


def _subscription(clients: Clients, resource: Registration) -> Created:
    inputs = resource.inputs
    arn = clients("sns").subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(id=arn, outputs={"arn": arn})


CREATORS: dict[str, Creator] = {
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
