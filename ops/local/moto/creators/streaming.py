"""The stream, the function and the mapping between them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, picked

_MAPPING = {
    "batchSize": "BatchSize",
    "maximumBatchingWindowInSeconds": "MaximumBatchingWindowInSeconds",
    "parallelizationFactor": "ParallelizationFactor",
    "startingPosition": "StartingPosition",
    "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
    "bisectBatchOnFunctionError": "BisectBatchOnFunctionError",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    "functionResponseTypes": "FunctionResponseTypes",
}


def _stream(clients: Clients, resource: Registration) -> Created:
    name, inputs, kinesis = name_of(resource), resource.inputs, clients("kinesis")
    mode = (inputs.get("streamModeDetails") or {}).get("streamMode", "PROVISIONED")
    shards = {} if mode == "ON_DEMAND" else {"ShardCount": inputs.get("shardCount") or 1}
    kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": mode}, **shards)
    if (hours := inputs.get("retentionPeriod") or 24) > 24:
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    if inputs.get("encryptionType") == "KMS":
        kinesis.start_stream_encryption(StreamName=name, EncryptionType="KMS", KeyId=inputs["kmsKeyId"])
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    return Created(id=arn, outputs={"arn": arn, "name": name})


def _function(clients: Clients, resource: Registration) -> Created:
    inputs = resource.inputs
    if inputs.get("packageType") == "Image":
        package: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": inputs["imageUri"]}}
    else:
        package = {
            "Runtime": inputs["runtime"],
            "Handler": inputs["handler"],
            "Code": {"ZipFile": Path(inputs["code"].path).read_bytes()},
        }
    made = clients("lambda").create_function(
        FunctionName=name_of(resource),
        Role=inputs["role"],
        Publish=bool(inputs.get("publish")),
        Environment=api_environment(inputs),
        Tags=dict(inputs.get("tags") or {}),
        **picked(
            inputs,
            {
                "architectures": "Architectures",
                "memorySize": "MemorySize",
                "timeout": "Timeout",
                "description": "Description",
            },
        ),
        **package,
    )
    # An update would answer the unqualified ARN; a publishing create answers the version's.
    arn = made["FunctionArn"].removesuffix(f":{made['Version']}")
    return Created(
        id=made["FunctionName"],
        outputs={
            "name": made["FunctionName"],
            "arn": arn,
            "version": made["Version"],
            "qualifiedArn": f"{arn}:{made['Version']}",
            "sourceCodeSize": made["CodeSize"],
            "codeSha256": made["CodeSha256"],
        },
    )


def api_environment(inputs: Any) -> dict[str, dict[str, str]]:
    """The function's own variables; their names are the program's and stay as they are."""
    return {"Variables": dict((inputs.get("environment") or {}).get("variables") or {})}


def _alias(clients: Clients, resource: Registration) -> Created:
    inputs = resource.inputs
    function = str(inputs["functionName"]).rpartition("function:")[2]
    made = clients("lambda").create_alias(
        FunctionName=function, Name=name_of(resource), FunctionVersion=inputs["functionVersion"]
    )
    return Created(id=made["AliasArn"], outputs={"arn": made["AliasArn"], "name": made["Name"]})


def _mapping(clients: Clients, resource: Registration) -> Created:
    inputs = resource.inputs
    made = clients("lambda").create_event_source_mapping(
        EventSourceArn=inputs["eventSourceArn"],
        FunctionName=inputs["functionName"],
        Enabled=inputs.get("enabled") is not False,
        DestinationConfig=_destination(inputs.get("destinationConfig") or {}),
        **_lists(picked(inputs, _MAPPING)),
    )
    return Created(
        id=made["UUID"],
        outputs={"uuid": made["UUID"], "functionArn": made["FunctionArn"], "state": "Enabled"},
    )


def _destination(config: Mapping[str, Any]) -> dict[str, Any]:
    failure = config.get("onFailure")
    return {"OnFailure": {"Destination": failure["destinationArn"]}} if failure else {}


def _lists(parameters: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in parameters.items()}


def _permission(clients: Clients, resource: Registration) -> Created:
    statement = str(resource.inputs.get("statementId") or resource.name)
    clients("lambda").add_permission(
        FunctionName=resource.inputs["function"],
        StatementId=statement,
        **picked(resource.inputs, {"action": "Action", "principal": "Principal", "sourceArn": "SourceArn"}),
    )
    return Created(id=statement, outputs={"statementId": statement})


CREATORS: dict[str, Creator] = {
    "aws:kinesis/stream:Stream": _stream,
    "aws:lambda/function:Function": _function,
    "aws:lambda/alias:Alias": _alias,
    "aws:lambda/eventSourceMapping:EventSourceMapping": _mapping,
    "aws:lambda/permission:Permission": _permission,
}
