"""The state machine in Amazon States Language: search, training and prediction on Fargate, in order.

https://states-language.net/spec.html; `ecs:runTask.sync` waits until the task has stopped, and for heartbeats
between its start and its end, which the task itself sends with the token that it is given:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

State = dict[str, Any]

# What an execution may leave out; TLC publishes a month about two months after it has ended.
DEFAULTS: Mapping[str, Any] = {
    "month": "latest-1",
    "validate": "latest",
    "predict": "latest",
    "trials": 30,
    "timeout_seconds": 3600,
}
_MONTHS = ("month", "validate", "predict")
_MOST_TRIALS = 10_000
_CAPACITY = ["AmazonECS.Unknown", "ECS.AmazonECSException", "ECS.ServerException", "ECS.ThrottlingException"]
# Capacity comes back in minutes; a task that was interrupted goes on where it was.
_RETRIES: list[State] = [
    # What a task says of itself that ended with exit code 2.
    {"ErrorEquals": ["WrongSetting"], "MaxAttempts": 0},
    {
        "ErrorEquals": _CAPACITY,
        "IntervalSeconds": 60,
        "BackoffRate": 2.0,
        "MaxAttempts": 8,
        "MaxDelaySeconds": 900,
        "JitterStrategy": "FULL",
    },
    {"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 30, "BackoffRate": 2.0, "MaxAttempts": 2},
    {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 30, "BackoffRate": 2.0, "MaxAttempts": 3},
]
_STUDY = ["--study", "$$.Execution.Name"]
_COMMANDS: Mapping[str, Sequence[str]] = {
    "optimize": ["$.month", *_STUDY, "--trials", "#.trials", "--timeout-seconds", "#.timeout_seconds"],
    "train": ["$.month", "--validate", "$.validate", *_STUDY],
    "predict": ["--month", "$.predict"],
}


@dataclass(frozen=True, kw_only=True)
class Where:
    """What every task of the state machine shares; `task_definitions` are by the name of the task.

    Capacity is not among it: the tasks get what is the cluster's default.
    """

    cluster_arn: Any
    task_definitions: Mapping[str, Any]
    subnet_ids: Any
    security_group_id: Any
    public_address: bool
    topic_arn: Any
    timeout_seconds: int
    heartbeat_seconds: int


def definition(where: Where) -> State:
    """The document; values may be Outputs."""
    order = list(_COMMANDS)
    tasks = {
        name.capitalize(): _task(name, where, following=following.capitalize())
        for name, following in zip(order, [*order[1:], "done"], strict=True)
    }
    return {
        "Comment": "Search parameters, train with the best ones, score a month",
        "StartAt": "Defaults",
        "TimeoutSeconds": len(order) * where.timeout_seconds,
        "States": {
            "Defaults": {"Type": "Pass", "Result": dict(DEFAULTS), "Next": "Merge"},
            "Merge": {
                "Type": "Pass",
                "Parameters": {"input.$": "States.JsonMerge($, $$.Execution.Input, false)"},
                "OutputPath": "$.input",
                "Next": "Check",
            },
            "Check": {"Type": "Choice", "Choices": [_valid_input()], "Default": "Refuse"},
            "Refuse": _refuse(),
            **tasks,
            "Done": {"Type": "Succeed"},
            "Notify": _notify(where.topic_arn),
            # Names that begin with States. are the interpreter's own, and no state may fail with one.
            "Fail": {
                "Type": "Fail",
                "Error": "AutomlFailed",
                "CausePath": "States.Format('{}: {}', $.error.Error, $.error.Cause)",
            },
        },
    }


def _valid_input() -> State:
    """Leads on for months as YYYY-MM or `latest`, `latest-N`, and counts within their limits."""
    months = [
        {
            "Or": [
                {"Variable": f"$.{name}", "StringMatches": "20*-*"},
                {"Variable": f"$.{name}", "StringMatches": "latest*"},
            ]
        }
        for name in _MONTHS
    ]
    numbers = [
        condition
        for name, most in (("trials", _MOST_TRIALS), ("timeout_seconds", 604_800))
        for condition in (
            {"Variable": f"$.{name}", "IsNumeric": True},
            {"Variable": f"$.{name}", "NumericGreaterThanEquals": 1},
            {"Variable": f"$.{name}", "NumericLessThanEquals": most},
        )
    ]
    return {"And": [*months, *numbers], "Next": "Optimize"}


def _refuse() -> State:
    cause = (
        f"allowed: {', '.join(_MONTHS)} as YYYY-MM, latest or latest-N; trials 1 to {_MOST_TRIALS}; "
        "timeout_seconds 1 to 604800"
    )
    error = {"Error": "InvalidInput", "Cause": cause}
    return {"Type": "Pass", "Result": error, "ResultPath": "$.error", "Next": "Notify"}


def _task(name: str, where: Where, *, following: str) -> State:
    network = {
        "Subnets": where.subnet_ids,
        "SecurityGroups": [where.security_group_id],
        "AssignPublicIp": "ENABLED" if where.public_address else "DISABLED",
    }
    parameters: State = {
        "Cluster": where.cluster_arn,
        "TaskDefinition": where.task_definitions[name],
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
        "Overrides": {
            "ContainerOverrides": [
                {
                    "Name": name,
                    "Command.$": _command(name),
                    "Environment": [{"Name": "TASK_TOKEN", "Value.$": "$$.Task.Token"}],
                }
            ]
        },
        "PropagateTags": "TASK_DEFINITION",
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Parameters": parameters,
        "ResultPath": None,
        "TimeoutSeconds": where.timeout_seconds,
        "HeartbeatSeconds": where.heartbeat_seconds,
        "Retry": _RETRIES,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Notify"}],
        "Next": following,
    }


def _command(name: str) -> str:
    """The container's command as an intrinsic function; a `#` stands for a number that becomes text."""
    words = []
    for word in (name, *_COMMANDS[name]):
        if word.startswith("#"):
            words.append(f"States.Format('{{}}', ${word.removeprefix('#')})")
        else:
            words.append(word if word.startswith("$") else f"'{word}'")
    return f"States.Array({', '.join(words)})"


def _notify(topic_arn: Any) -> State:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {
            "TopicArn": topic_arn,
            "Subject": "AutoML failed",
            "Message.$": "States.Format('{} failed: {}', $$.Execution.Id, States.JsonToString($.error))",
        },
        "ResultPath": None,
        "TimeoutSeconds": 60,
        "Retry": [
            {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "BackoffRate": 2.0, "MaxAttempts": 3}
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Fail"}],
        "Next": "Fail",
    }
