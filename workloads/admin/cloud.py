"""What is asked of AWS for the overview and its neighbours: one small question each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from workloads.admin.aws import client, plain
from workloads.admin.settings import Settings
from workloads.data.dataset import DATASETS
from workloads.monitoring.history import KEY, History

_PERIOD = 60  # seconds
_EXECUTIONS = 20
_MESSAGES = 10
_QUARANTINED = 50


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the platform that answered: whether it works, and in words how."""

    works: bool
    detail: str


class Cloud:
    """AWS's answers about one stack; every method raises a PlatformError that says what to do."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.s3 = client(settings, "s3")
        self.kinesis = client(settings, "kinesis")
        self._lambda = client(settings, "lambda")
        self._sqs = client(settings, "sqs")
        self._cloudwatch = client(settings, "cloudwatch")
        self._states = client(settings, "stepfunctions")

    def stream(self) -> Part:
        """Whether the stream takes events."""
        with plain("Kinesis", "kinesis:DescribeStreamSummary"):
            answer = self.kinesis.describe_stream_summary(StreamName=self._settings.stream_name)
        found = answer["StreamDescriptionSummary"]
        status, shards = found["StreamStatus"], found["OpenShardCount"]
        return Part(
            works=status in ("ACTIVE", "UPDATING"),
            detail=f"{status.lower()}, {shards} shard{'' if shards == 1 else 's'}",
        )

    def function(self) -> Part:
        """Whether the predictor can be invoked, and is."""
        with plain("Lambda", "lambda:GetFunctionConfiguration and lambda:GetEventSourceMapping"):
            found = self._lambda.get_function_configuration(FunctionName=self._settings.function_name)
            state = str(found.get("State", "Active"))
            mapping = ""
            if self._settings.event_source_mapping:
                uuid = self._settings.event_source_mapping
                mapping = str(self._lambda.get_event_source_mapping(UUID=uuid)["State"])
        words = [
            state.lower(),
            f"{found['MemorySize']} MiB",
            *([f"mapping {mapping.lower()}"] if mapping else []),
        ]
        works = state in ("Active", "Inactive") and mapping in ("", "Enabled", "Updating", "Enabling")
        return Part(works=works, detail=", ".join(words))

    def buckets(self) -> Part:
        """Whether both buckets can be read."""
        names = (self._settings.data_bucket, self._settings.reports_bucket)
        with plain("S3", "s3:ListBucket on both buckets"):
            for name in names:
                self.s3.head_bucket(Bucket=name)
        return Part(works=True, detail="data and reports can be read")

    def dead_letters(self) -> int:
        """About how many batches wait in the dead-letter queue."""
        with plain("SQS", "sqs:GetQueueAttributes"):
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._settings.dead_letter_queue_url,
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )
        return sum(int(count) for count in answer["Attributes"].values())

    def messages(self) -> list[str]:
        """The bodies of some messages, which stay visible to everybody else."""
        with plain("SQS", "sqs:ReceiveMessage"):
            answer = self._sqs.receive_message(
                QueueUrl=self._settings.dead_letter_queue_url,
                MaxNumberOfMessages=_MESSAGES,
                VisibilityTimeout=0,
                WaitTimeSeconds=0,
            )
        return [message["Body"] for message in answer.get("Messages", ())]

    def iterator_age(self) -> float | None:
        """Seconds, the greatest of the last five minutes; None where nothing was measured."""
        now = datetime.now(UTC)
        query = {
            "Id": "age",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": "IteratorAge",
                    "Dimensions": [{"Name": "FunctionName", "Value": self._settings.function_name}],
                },
                "Period": _PERIOD,
                "Stat": "Maximum",
            },
        }
        with plain("CloudWatch", "cloudwatch:GetMetricData"):
            answer = self._cloudwatch.get_metric_data(
                MetricDataQueries=[query], StartTime=now - timedelta(minutes=5), EndTime=now
            )
        values = answer["MetricDataResults"][0]["Values"] if answer["MetricDataResults"] else []
        return max(values) / 1000 if values else None

    def pointers(self) -> dict[str, Mapping[str, Any]]:
        """What the predictor is told to serve, by alias; an alias that points at nothing is absent."""
        aliases = (self._settings.model_alias, self._settings.challenger_alias)
        found = {}
        for alias in filter(None, aliases):
            body = self.object(self._settings.data_bucket, f"models/{self._settings.model_name}/{alias}.json")
            if body:
                found[alias] = json.loads(body)
        return found

    def history(self) -> History:
        """The days that were reported."""
        return History.read(self.object(self._settings.reports_bucket, KEY))

    def object(self, bucket: str, key: str) -> bytes | None:
        """An object's bytes; None when there is no such object."""
        with plain(f"The bucket {bucket}", "s3:GetObject and s3:ListBucket"):
            try:
                return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            except self.s3.exceptions.NoSuchKey:
                return None

    def months(self) -> list[dict[str, Any]]:
        """The records of the months that were taken in, oldest first."""
        keys = [
            key
            for dataset in DATASETS.values()
            for key in self._keys(f"processed/{dataset.name}/")
            if key.endswith(".json")
        ]
        bodies = [self.object(self._settings.data_bucket, key) for key in keys]
        return sorted((json.loads(body) for body in bodies if body), key=lambda each: str(each.get("month")))

    def quarantined_files(self) -> list[dict[str, Any]]:
        """The files that could not be taken in, with the reason."""
        keys = [
            key
            for dataset in DATASETS.values()
            for key in self._keys(f"quarantine/{dataset.name}/files/")
            if key.endswith(".json")
        ]
        bodies = [self.object(self._settings.data_bucket, key) for key in keys[-_QUARANTINED:]]
        return [json.loads(body) for body in bodies if body]

    def executions(self) -> list[Mapping[str, Any]]:
        """The latest executions of AutoML's state machine; none without one."""
        arn = self._settings.state_machine_arn
        if not arn:
            return []
        with plain("Step Functions", "states:ListExecutions"):
            answer = self._states.list_executions(stateMachineArn=arn, maxResults=_EXECUTIONS)
        return list(answer["executions"])

    def _keys(self, prefix: str) -> list[str]:
        """The keys under a prefix that holds a few objects a month."""
        with plain("The data bucket", "s3:ListBucket"):
            answer = self.s3.list_objects_v2(Bucket=self._settings.data_bucket, Prefix=prefix)
        return [entry["Key"] for entry in answer.get("Contents", ())]
