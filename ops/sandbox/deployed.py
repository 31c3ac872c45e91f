"""What the sandbox looks up in a deployment: the function, its mapping, and where they write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.engine import Deployment, Resource
from ops.event_source_mapping import INFINITE, EventSourceMappingSettings
from ops.local.errors import LocalRunError
from ops.local.function import FunctionSettings
from ops.local.moto.clients import Clients

FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"


@dataclass(frozen=True, kw_only=True)
class DataPath:
    """From a ride event to its prediction, as the stack has it."""

    bucket: str
    stream: str
    function: FunctionSettings
    mapping: EventSourceMappingSettings
    dead_letter_url: str
    zip_path: Path


def data_path(deployment: Deployment, clients: Clients) -> DataPath:
    """Reads the data path from the registered resources.

    Raises:
        LocalRunError: the stack has none that the sandbox can run.
    """
    function, mapping = _one(deployment, FUNCTION), _one(deployment, MAPPING)
    if function.inputs.get("packageType") == "Image":
        raise LocalRunError("the function is a container image; the sandbox runs zips: set lambdaPackaging")
    destination = mapping.inputs["destinationConfig"]["onFailure"]["destinationArn"]
    return DataPath(
        bucket=str(deployment.outputs["data_storage_bucket"]),
        stream=str(deployment.outputs["kinesis_stream_name"]),
        function=_function(function),
        mapping=_mapping(mapping.inputs),
        dead_letter_url=clients("sqs").get_queue_url(QueueName=destination.rpartition(":")[2])["QueueUrl"],
        zip_path=Path(function.inputs["code"].path),
    )


def counted(deployment: Deployment) -> tuple[int, int]:
    """How many resources were created and how many only planned, without components and providers."""
    real = [resource.status for resource in resources(deployment)]
    return real.count("created"), real.count("planned")


def resources(deployment: Deployment) -> Iterator[Resource]:
    """The resources that a provider makes."""
    for resource in deployment.resources:
        if resource.custom and not resource.type.startswith("pulumi:"):
            yield resource


def _one(deployment: Deployment, kind: str) -> Resource:
    found = [resource for resource in deployment.resources if resource.type == kind]
    if len(found) != 1:
        raise LocalRunError(f"the stack has {len(found)} of type {kind}; it takes exactly one")
    return found[0]


def _function(resource: Resource) -> FunctionSettings:
    inputs = resource.inputs
    return FunctionSettings(
        name=str(resource.outputs["name"]),
        arn=str(resource.outputs["arn"]),
        handler=str(inputs["handler"]),
        timeout_seconds=float(inputs["timeout"]),
        memory_mib=int(inputs["memorySize"]),
        variables=dict(inputs["environment"]["variables"]),
    )


def _mapping(inputs: Mapping[str, Any]) -> EventSourceMappingSettings:
    return EventSourceMappingSettings(
        function_arn=str(inputs["functionName"]),
        batch_size=int(inputs.get("batchSize") or 100),
        maximum_batching_window_seconds=int(inputs.get("maximumBatchingWindowInSeconds") or 0),
        parallelization_factor=int(inputs.get("parallelizationFactor") or 1),
        starting_position=inputs["startingPosition"],
        maximum_retry_attempts=int(inputs.get("maximumRetryAttempts", INFINITE)),
        maximum_record_age_seconds=int(inputs.get("maximumRecordAgeInSeconds", INFINITE)),
        bisect_batch_on_function_error=bool(inputs.get("bisectBatchOnFunctionError")),
        report_batch_item_failures="ReportBatchItemFailures" in (inputs.get("functionResponseTypes") or ()),
    )
