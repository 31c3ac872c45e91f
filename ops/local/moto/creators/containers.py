"""Clusters, task definitions and state machines: what moto keeps without running it."""

import json

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, picked


def _cluster(clients: Clients, resource: Registration) -> Created:
    made = clients("ecs").create_cluster(clusterName=name_of(resource))["cluster"]
    return Created(id=made["clusterArn"], outputs={"arn": made["clusterArn"], "name": made["clusterName"]})


def _task_definition(clients: Clients, resource: Registration) -> Created:
    inputs = resource.inputs
    made = clients("ecs").register_task_definition(
        family=inputs["family"],
        containerDefinitions=json.loads(inputs["containerDefinitions"]),
        requiresCompatibilities=list(inputs.get("requiresCompatibilities") or []),
        **picked(
            inputs,
            {
                "cpu": "cpu",
                "memory": "memory",
                "networkMode": "networkMode",
                "taskRoleArn": "taskRoleArn",
                "executionRoleArn": "executionRoleArn",
            },
        ),
    )["taskDefinition"]
    arn = made["taskDefinitionArn"]
    return Created(
        id=made["family"],
        outputs={
            "arn": arn,
            "arnWithoutRevision": arn.rpartition(":")[0],
            "family": made["family"],
            "revision": made["revision"],
        },
    )


def _state_machine(clients: Clients, resource: Registration) -> Created:
    name = name_of(resource)
    arn = clients("stepfunctions").create_state_machine(
        name=name, definition=resource.inputs["definition"], roleArn=resource.inputs["roleArn"]
    )["stateMachineArn"]
    return Created(id=arn, outputs={"arn": arn, "name": name})


CREATORS: dict[str, Creator] = {
    "aws:ecs/cluster:Cluster": _cluster,
    "aws:ecs/taskDefinition:TaskDefinition": _task_definition,
    "aws:sfn/stateMachine:StateMachine": _state_machine,
}
