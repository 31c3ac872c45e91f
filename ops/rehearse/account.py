"""The AWS account of a rehearsal in processes: moto, with the buckets and the topic of the tasks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.local.moto.clients import Clients
from ops.local.services import Children

REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:alerts"  # in moto's own account
_QUEUE = "alerts"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Its clients, and the queue that gets what the topic is told."""

    clients: Clients
    alerts_url: str

    def environment(self) -> dict[str, str]:
        """What makes a process talk to it."""
        return self.clients.environment()

    def object(self, bucket: str, key: str) -> bytes | None:
        """An object, None when there is none."""
        s3 = self.clients("s3")
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys under a prefix."""
        pages = self.clients("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def alerts(self) -> list[Mapping[str, Any]]:
        """What the topic was told since the last look."""
        sqs, found = self.clients("sqs"), []
        ask = {"QueueUrl": self.alerts_url, "MaxNumberOfMessages": 10}
        while messages := sqs.receive_message(**ask).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.alerts_url, ReceiptHandle=message["ReceiptHandle"])
        return found


def open_account(children: Children, folder: Path, buckets: set[str]) -> Account:
    """Starts moto and makes the buckets, the topic, and the queue behind it."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"SERVER_FOLDER": str(folder.resolve())}
    moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment=environment)
    children.wait(moto)
    clients = Clients(moto.url, REGION)
    for bucket in sorted(buckets):
        clients("s3").create_bucket(Bucket=bucket)
    clients("sns").create_topic(Name=TOPIC.rpartition(":")[2])
    url = clients("sqs").create_queue(QueueName=_QUEUE)["QueueUrl"]
    queue = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    clients("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=queue["QueueArn"])
    return Account(clients=clients, alerts_url=url)
