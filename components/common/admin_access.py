"""What the admin GUI is told of the platform, and may do there: what its buttons do, and nothing else."""

from dataclasses import dataclass

import pulumi

from components.common.data_access import DataAccess, NamedArn
from components.common.iam import Document, statement
from components.common.state_machine import state_machine_arn

# Of the data bucket, what pages show: trips, predictions and what came of them, models and their pointers.
_SHOWN_PREFIXES = ("raw", "processed", "quarantine", "predictions", "actuals", "rejected", "challenger")


@dataclass(frozen=True, kw_only=True)
class AdminAccess:
    """The stream, the predictor behind it, its dead letters, the data, and AutoML's state machine.

    `state_machine_name` is empty where the stack has none.
    """

    data: DataAccess
    function: NamedArn
    function_alias_arn: pulumi.Input[str]
    mapping: NamedArn
    dead_letters: NamedArn
    dead_letters_url: pulumi.Input[str]
    state_machine_name: str = ""

    def environment(self) -> dict[str, pulumi.Input[str]]:
        """The variables by which the admin GUI finds it, as `workloads/admin/settings.py` lists them."""
        known = self.data.environment()
        names = ("DATA_BUCKET", "REPORTS_BUCKET", "KINESIS_STREAM_NAME", "MODEL_NAME", "MODEL_ALIAS")
        more = ("CHALLENGER_ALIAS", "PROMOTION_CONFIDENCE", "PROMOTION_MARGIN_MINUTES")
        return {
            **{name: known[name] for name in (*names, *more)},
            "DEAD_LETTER_QUEUE_URL": self.dead_letters_url,
            "EVENT_SOURCE_MAPPING_UUID": self.mapping.name,
            "PREDICTOR_FUNCTION_NAME": self.function.name,
            "STATE_MACHINE_ARN": self._state_machine() if self.state_machine_name else "",
        }

    def statements(self) -> list[Document]:
        """What the pages show and what the buttons do."""
        return [*self._shown(), *self._done(), *(self._executions() if self.state_machine_name else [])]

    def _shown(self) -> list[Document]:
        data, reports = self.data.data_bucket.arn, self.data.reports_bucket.arn
        return [
            statement(["s3:ListBucket"], [data, reports], sid="ListShownBuckets"),
            statement(
                ["s3:GetObject"],
                [
                    *(_objects(data, prefix) for prefix in _SHOWN_PREFIXES),
                    pulumi.Output.format("{0}/models/{1}/*", data, self.data.model.model_name),
                    pulumi.Output.format("{0}/*", reports),
                ],
                sid="ReadShownObjects",
            ),
            statement(["cloudwatch:GetMetricData"], ["*"], sid="ReadMetrics"),  # knows no resource
            statement(["lambda:GetEventSourceMapping"], [self.mapping.arn], sid="ReadMapping"),
            statement(["lambda:GetFunctionConfiguration"], [self.function.arn], sid="ReadFunction"),
        ]

    def _done(self) -> list[Document]:
        pointers = pulumi.Output.format(
            "{0}/models/{1}/*", self.data.data_bucket.arn, self.data.model.model_name
        )
        return [
            statement(
                [
                    "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords",
                    "kinesis:GetShardIterator",
                    "kinesis:ListShards",
                    "kinesis:PutRecord",
                    "kinesis:PutRecords",
                ],
                [self.data.stream.arn],
                sid="SendAndReadRides",
            ),
            statement(["s3:PutObject"], [pointers], sid="PromoteAndRollBack"),
            statement(
                ["s3:PutObject"],
                [pulumi.Output.format("{0}/admin/counts.json", self.data.reports_bucket.arn)],
                sid="KeepCounts",
            ),
            statement(
                [
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ],
                [self.dead_letters.arn],
                sid="HandleDeadLetters",
            ),
            # What a dead letter names is what the mapping invoked.
            statement(["lambda:InvokeFunction"], [self.function_alias_arn], sid="Redrive"),
        ]

    def _executions(self) -> list[Document]:
        name, beside = self.state_machine_name, self.data.stream.arn
        executions = pulumi.Output.format("{0}:*", state_machine_arn(name, beside=beside, kind="execution"))
        return [
            statement(["states:ListExecutions"], [self._state_machine()], sid="ListAutomlExecutions"),
            statement(["states:DescribeExecution"], [executions], sid="DescribeAutomlExecutions"),
        ]

    def _state_machine(self) -> pulumi.Output[str]:
        return state_machine_arn(self.state_machine_name, beside=self.data.stream.arn)


def _objects(bucket_arn: pulumi.Input[str], prefix: str) -> pulumi.Output[str]:
    return pulumi.Output.format("{0}/{1}/*", bucket_arn, prefix)
