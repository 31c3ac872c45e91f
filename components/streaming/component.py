"""The stream of rides, the predictor behind it, and what happens to records that cannot be predicted."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess, NamedArn
from components.common.iam import assume_role, policy, statement, tls_only
from components.common.monitored import Monitored
from components.common.names import metrics_namespace, physical_name
from components.streaming import function_code
from components.streaming.alarm_topic import AlarmTopic
from components.streaming.monitored import WATCHED_METRICS, monitored
from components.streaming.settings import StreamingSettings

_OUTPUT_PREFIXES = ("predictions", "actuals", "rejected", "challenger")
_TWO_WEEKS_SECONDS = 1_209_600  # the longest that SQS keeps a message


@dataclass(frozen=True, kw_only=True)
class StreamingArgs:
    """The settings, and the bucket that holds the models and takes the predictions."""

    settings: StreamingSettings
    data_bucket: NamedArn


class Streaming(pulumi.ComponentResource):
    """Kinesis to Lambda: a record ends in the data bucket, or its whereabouts in the dead-letter queue.

    ::

        streaming = Streaming(
            "streaming",
            StreamingArgs(settings=StreamingSettings(), data_bucket=NamedArn.of(storage.data_bucket)),
        )
        pulumi.export("kinesis_stream_name", streaming.stream.name)
    """

    stream: aws.kinesis.Stream
    function: aws.lambda_.Function
    alias: aws.lambda_.Alias
    mapping: aws.lambda_.EventSourceMapping
    dead_letter_queue: aws.sqs.Queue
    alarm_topic: aws.sns.Topic
    warning_topic: aws.sns.Topic
    monitored: Monitored
    outputs: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: StreamingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Streaming", name, None, opts)
        self.stream = self._stream(name, args)
        self.dead_letter_queue = self._dead_letter_queue(name)
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-predictor",
            name=f"/aws/lambda/{args.settings.function_name}",
            retention_in_days=args.settings.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )
        role, grant = self._role(name, args, log_group)
        self.function = self._function(name, args, role, grant, log_group)
        self.alias = aws.lambda_.Alias(
            f"{name}-live",
            name="live",
            function_name=self.function.name,
            function_version=self.function.version,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.mapping = self._mapping(name, args, grant)
        settings = args.settings
        self.alarm_topic = AlarmTopic(name, "alarms", settings.alarm_email, parent=self).topic
        warned = settings.warning_email or settings.alarm_email
        self.warning_topic = AlarmTopic(name, "warnings", warned, parent=self).topic
        self.monitored = monitored(
            name,
            args.settings,
            stream=self.stream,
            function=self.function,
            log_group=log_group,
            queue=self.dead_letter_queue,
            owner=self,
        )
        self.outputs = {"kinesis_stream_name": self.stream.name, "lambda_function_name": self.function.name}
        self.register_outputs(self.outputs)

    def admin_access(self, data: DataAccess, *, state_machine_name: str) -> AdminAccess:
        """The predictor and its dead letters beside the data, for what watches and handles them."""
        return AdminAccess(
            data=data,
            function=NamedArn(name=self.function.name, arn=self.function.arn),
            function_alias_arn=self.alias.arn,
            mapping=NamedArn(name=self.mapping.uuid, arn=self.mapping.arn),
            dead_letters=NamedArn(name=self.dead_letter_queue.name, arn=self.dead_letter_queue.arn),
            dead_letters_url=self.dead_letter_queue.url,
            state_machine_name=state_machine_name,
        )

    def _stream(self, name: str, args: StreamingArgs) -> aws.kinesis.Stream:
        on_demand = args.settings.kinesis_stream_mode == "on-demand"
        return aws.kinesis.Stream(
            f"{name}-rides",
            name=args.settings.stream_name,
            shard_count=None if on_demand else args.settings.kinesis_shards,
            stream_mode_details={"stream_mode": "ON_DEMAND" if on_demand else "PROVISIONED"},
            retention_period=args.settings.kinesis_retention_hours,
            encryption_type="KMS",
            kms_key_id="alias/aws/kinesis",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _dead_letter_queue(self, name: str) -> aws.sqs.Queue:
        queue = aws.sqs.Queue(
            f"{name}-dead-letters",
            name=physical_name("dead-letters"),
            message_retention_seconds=_TWO_WEEKS_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps(policy(tls_only(["sqs:*"], [queue.arn]))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue

    def _role(
        self, name: str, args: StreamingArgs, log_group: aws.cloudwatch.LogGroup
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            f"{name}-predictor",
            name=physical_name("predictor"),
            assume_role_policy=pulumi.Output.json_dumps(assume_role("lambda.amazonaws.com")),
            opts=pulumi.ResourceOptions(parent=self),
        )
        grant = aws.iam.RolePolicy(
            f"{name}-predictor",
            role=role.name,
            policy=pulumi.Output.json_dumps(policy(*self._grants(args, log_group))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, grant

    def _grants(self, args: StreamingArgs, log_group: aws.cloudwatch.LogGroup) -> list[dict[str, Any]]:
        def objects(prefix: str) -> pulumi.Output[str]:
            return pulumi.Output.format("{0}/{1}/*", args.data_bucket.arn, prefix)

        traces = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        return [
            # X-Ray knows no resource.
            *([statement(traces, ["*"], sid="Tracing")] if args.settings.lambda_tracing else []),
            statement(
                [
                    "kinesis:DescribeStream",
                    "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:ListShards",
                ],
                [self.stream.arn],
                sid="ReadRides",
            ),
            statement(["s3:GetObject"], [objects(f"models/{args.settings.model_name}")], sid="ReadModels"),
            # Without it S3 answers AccessDenied, not NoSuchKey, where no champion has been published yet.
            statement(["s3:ListBucket"], [args.data_bucket.arn], sid="ListDataBucket"),
            statement(
                ["s3:PutObject"], [objects(prefix) for prefix in _OUTPUT_PREFIXES], sid="WritePredictions"
            ),
            statement(["sqs:SendMessage"], [self.dead_letter_queue.arn], sid="ReportFailures"),
            statement(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [pulumi.Output.format("{0}:*", log_group.arn)],
                sid="WriteLogs",
            ),
        ]

    def _function(
        self,
        name: str,
        args: StreamingArgs,
        role: aws.iam.Role,
        grant: aws.iam.RolePolicy,
        log_group: aws.cloudwatch.LogGroup,
    ) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            f"{name}-predictor",
            name=args.settings.function_name,
            description="Predicts how long the taxi rides of a Kinesis batch will take",
            role=role.arn,
            architectures=[args.settings.lambda_architecture],
            memory_size=args.settings.lambda_memory_mib,
            timeout=args.settings.lambda_timeout_seconds,
            environment={"variables": _environment(args)},
            logging_config={"log_format": "Text", "log_group": log_group.name},
            tracing_config={"mode": "Active"} if args.settings.lambda_tracing else None,
            publish=True,
            **function_code.code(name, args.settings, parent=self),
            # The first invocation must find the grant.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )

    def _mapping(
        self, name: str, args: StreamingArgs, grant: aws.iam.RolePolicy
    ) -> aws.lambda_.EventSourceMapping:
        return aws.lambda_.EventSourceMapping(
            f"{name}-rides",
            event_source_arn=self.stream.arn,
            function_name=self.alias.arn,
            starting_position=args.settings.mapping_starting_position,
            batch_size=args.settings.mapping_batch_size,
            maximum_batching_window_in_seconds=args.settings.mapping_batching_window_seconds,
            parallelization_factor=args.settings.mapping_parallelization_factor,
            bisect_batch_on_function_error=args.settings.mapping_bisect,
            maximum_retry_attempts=args.settings.mapping_maximum_retry_attempts,
            maximum_record_age_in_seconds=args.settings.maximum_record_age_seconds,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": self.dead_letter_queue.arn}},
            # Lambda tries the role on the stream and the queue when the mapping is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[grant]),
        )


def _environment(args: StreamingArgs) -> dict[str, pulumi.Input[str]]:
    return {
        "DATA_BUCKET": args.data_bucket.name,
        "MODEL_NAME": args.settings.model_name,
        "MODEL_ALIAS": args.settings.model_alias,
        "MODEL_CHECK_SECONDS": str(args.settings.model_check_seconds),
        "CHALLENGER_ALIAS": args.settings.challenger_alias,
        "CHALLENGER_SHARE": str(args.settings.challenger_share),
        "POWERTOOLS_SERVICE_NAME": args.settings.function_name,
        "POWERTOOLS_METRICS_NAMESPACE": metrics_namespace(),
        "LOG_LEVEL": args.settings.lambda_log_level,
        "REPORTED_METRICS": "" if args.settings.predictor_metrics == "all" else ",".join(WATCHED_METRICS),
    }
