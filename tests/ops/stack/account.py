"""An AWS account with a stream and a dead-letter queue, and a function that remembers its batches."""

import base64
import json
from typing import Any

import boto3

from ops.event_source_mapping import InvocationResult, Record, invocation_record
from workloads.delivery.redrive import Redrive

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:predictor:live"
SHARD = "shardId-000000000000"


class Account:
    def __init__(self) -> None:
        self.kinesis = boto3.client("kinesis")
        self.sqs = boto3.client("sqs")
        self.kinesis.create_stream(StreamName="rides", ShardCount=1)
        self.arn = self.kinesis.describe_stream(StreamName="rides")["StreamDescription"]["StreamARN"]
        self.queue = self.sqs.create_queue(QueueName="mlops-taxi-prediction-dead-letters-dev")["QueueUrl"]
        self.answer = InvocationResult.returned({"batchItemFailures": []})
        self.invoked: list[tuple[str, dict[str, Any]]] = []

    def put(self, count: int) -> list[str]:
        """Put records "0", "1", ...; their sequence numbers."""
        return [
            self.kinesis.put_record(StreamName="rides", PartitionKey="k", Data=str(n).encode())[
                "SequenceNumber"
            ]
            for n in range(count)
        ]

    def dead_letter(self, first: str, last: str, size: int, shard_id: str = SHARD) -> None:
        """Send what Lambda sends when it gives up on a batch."""
        ends = [
            Record(partition_key="k", sequence_number=number, data=b"", arrival=0.0)
            for number in (first, last)
        ]
        document = invocation_record(
            ends,
            condition="RetryAttemptsExhausted",
            invocations=3,
            last_result=InvocationResult.failed("boom"),
            function_arn=FUNCTION,
            shard_id=shard_id,
            stream_arn=self.arn,
            now=0.0,
        )
        document["KinesisBatchInfo"]["batchSize"] = size
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=json.dumps(document))

    def invoke(self, function: str, event: bytes) -> InvocationResult:
        self.invoked.append((function, json.loads(event)))
        return self.answer

    def batches(self) -> list[list[str]]:
        """What the function was given, as the records' data."""
        return [
            [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
            for _, event in self.invoked
        ]

    def waiting(self) -> int:
        """How many messages could be received now."""
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.queue, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, **options: Any) -> Redrive:
        return Redrive(
            sqs=self.sqs,
            kinesis=self.kinesis,
            invoke=self.invoke,
            queue_url=self.queue,
            wait_seconds=0,
            **options,
        )
