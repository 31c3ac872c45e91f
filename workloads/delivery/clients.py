"""The AWS clients of a redrive, configured by the standard environment variables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from workloads.delivery.response import InvocationResult
from workloads.delivery.shard_range import KinesisClient

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

# A function may run for 900 s. No retries on top: what timed out here may still be running there.
_PATIENT = Config(read_timeout=910, retries={"total_max_attempts": 1})


@dataclass(frozen=True, kw_only=True)
class Clients:
    """SQS, Kinesis and a Lambda to invoke."""

    sqs: "SQSClient"
    kinesis: KinesisClient
    functions: "LambdaClient"

    def invoke(self, function: str, event: bytes) -> InvocationResult:
        """Invoke synchronously; a throttle is a result like any other."""
        try:
            answer = self.functions.invoke(FunctionName=function, Payload=event)
        except self.functions.exceptions.TooManyRequestsException:
            return InvocationResult.throttled()
        error = answer.get("FunctionError")
        return InvocationResult(
            status_code=answer["StatusCode"],
            payload=answer["Payload"].read(),
            function_error=("Handled" if error == "Handled" else "Unhandled") if error else None,
            executed_version=answer.get("ExecutedVersion", "$LATEST"),
        )


def clients(region: str | None = None) -> Clients:
    """Clients for the account of the environment, and its region where none is given."""
    return Clients(
        sqs=boto3.client("sqs", region_name=region),
        kinesis=boto3.client("kinesis", region_name=region),
        functions=boto3.client("lambda", region_name=region, config=_PATIENT),
    )
