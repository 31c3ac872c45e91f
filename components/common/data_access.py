"""The platform's buckets, its stream and its model, as whatever works on them is told and allowed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.iam import Document, statement
from components.common.names import metrics_namespace
from components.common.settings import ModelSettings, MonitoringSettings
from components.common.state_machine import state_machine_arn


@dataclass(frozen=True, kw_only=True)
class NamedArn:
    """A resource by the name that an environment holds and the ARN that a policy grants."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]

    @classmethod
    def of(cls, resource: aws.s3.Bucket | aws.kinesis.Stream) -> "NamedArn":
        """The name and ARN of a bucket or a stream."""
        name = resource.bucket if isinstance(resource, aws.s3.Bucket) else resource.name
        return cls(name=name, arn=resource.arn)


@dataclass(frozen=True, kw_only=True)
class DataAccess:
    """What training, DAGs and MLflow work on.

    `started_machine_name` is the state machine that a training starts, empty where it starts none.
    """

    artifacts_bucket: NamedArn
    data_bucket: NamedArn
    reports_bucket: NamedArn
    stream: NamedArn
    model: ModelSettings
    monitoring: MonitoringSettings
    alert_topic_arn: pulumi.Input[str]
    started_machine_name: str = ""

    def environment(self) -> dict[str, pulumi.Input[str]]:
        """The variables by which the workloads find it."""
        monitoring = self.monitoring
        return {
            "ALERT_TOPIC_ARN": self.alert_topic_arn,
            "ARTIFACTS_BUCKET": self.artifacts_bucket.name,
            "CHALLENGER_ALIAS": self.model.challenger_alias,
            "CHALLENGER_FIRST": str(monitoring.challenger_first).lower(),
            "DATA_BUCKET": self.data_bucket.name,
            "DRIFT_FALSE_ALARM_RATE": str(monitoring.drift_false_alarm_rate),
            "KINESIS_STREAM_NAME": self.stream.name,
            "METRICS_NAMESPACE": metrics_namespace(),
            "MODEL_ALIAS": self.model.model_alias,
            "MODEL_NAME": self.model.model_name,
            "PERFORMANCE_FALSE_ALARM_RATE": str(monitoring.performance_false_alarm_rate),
            "PROMOTION_CONFIDENCE": str(monitoring.promotion_confidence),
            "PROMOTION_MARGIN_MINUTES": str(monitoring.promotion_margin_minutes),
            "REPORTS_BUCKET": self.reports_bucket.name,
            "RETRAINING_COOLDOWN_DAYS": str(monitoring.retraining_cooldown_days),
            "RETRAIN_ON": monitoring.retrain_on,
            **({"STATE_MACHINE_ARN": self._started_machine()} if self.started_machine_name else {}),
        }

    def statements(self) -> list[Document]:
        """Using the buckets and the stream, and telling of shifts: an alert, and metrics of one namespace."""
        buckets = [self.artifacts_bucket, self.data_bucket, self.reports_bucket]
        return [
            *bucket_statements([bucket.arn for bucket in buckets]),
            stream_statement(self.stream.arn),
            statement(["sns:Publish"], [self.alert_topic_arn], sid="PublishAlerts"),
            statement(
                ["cloudwatch:PutMetricData"],
                ["*"],  # knows no resource
                sid="PutModelMetrics",
                conditions={"StringEquals": {"cloudwatch:namespace": metrics_namespace()}},
            ),
            *([self._start()] if self.started_machine_name else []),
        ]

    def _start(self) -> Document:
        return statement(["states:StartExecution"], [self._started_machine()], sid="StartAutoml")

    def _started_machine(self) -> pulumi.Output[str]:
        return state_machine_arn(self.started_machine_name, beside=self.stream.arn)


def bucket_statements(arns: Sequence[pulumi.Input[str]]) -> list[Document]:
    """Reading and writing everything in the buckets."""
    objects = [pulumi.Output.format("{0}/*", arn) for arn in arns]
    return [
        statement(["s3:ListBucket", "s3:GetBucketLocation"], arns, sid="ListBuckets"),
        statement(
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            objects,
            sid="ReadAndWriteObjects",
        ),
    ]


def stream_statement(arn: pulumi.Input[str]) -> Document:
    """Publishing to the stream, and reading what came through it."""
    return statement(
        [
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:PutRecord",
            "kinesis:PutRecords",
        ],
        [arn],
        sid="ReadAndWriteStream",
    )
