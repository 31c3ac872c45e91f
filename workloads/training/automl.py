"""Starting AutoML's state machine after a training: a search on the month that was trained on."""

import json
import re

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workloads.training.errors import SettingError, TrainingError

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


def start(arn: str, month: str, validate: str, execution: str) -> str:
    """Starts the state machine; an execution of that name that has been started is left as it is.

    Returns:
        What was done, for a person.

    Raises:
        SettingError: `arn` or `execution` is none.
        TrainingError: Step Functions refused.
    """
    if ":stateMachine:" not in arn:
        raise SettingError(
            f"STATE_MACHINE_ARN: got {arn!r}, allowed: the ARN of AutoML's state machine; "
            "the stack's key automlAfterTraining sets it"
        )
    if not _NAME.fullmatch(execution):
        raise SettingError(f"--execution: got {execution!r}, allowed: up to 80 of A-Z, a-z, 0-9, _ and -")
    client = boto3.client("stepfunctions", region_name=arn.split(":")[3])
    try:
        client.start_execution(
            stateMachineArn=arn, name=execution, input=json.dumps({"month": month, "validate": validate})
        )
    except client.exceptions.ExecutionAlreadyExists:
        return f"{execution} has been started before"
    except (BotoCoreError, ClientError) as error:
        raise TrainingError(f"AutoML's state machine was not started: {error}") from None
    return f"{execution} is started"
