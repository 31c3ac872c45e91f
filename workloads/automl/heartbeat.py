"""What a task tells the state machine that waits for it: that it goes on, or that no retry would help it.

A task that makes no progress for as long as its `HeartbeatSeconds` is given up. `ecs:runTask.sync` waits for
the task's end, and optionally for these too:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workloads.training.errors import TrainingError

EVERY_SECONDS = 30.0
WRONG_SETTING = "WrongSetting"  # an error that the state machine does not retry
_GIVEN_UP = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


class Heartbeat:
    """Called at each step of the work; does nothing where no state machine waits, which gives TASK_TOKEN.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = os.environ.get("TASK_TOKEN", "")
        self._clock = clock
        self._client: Any = boto3.client("stepfunctions") if self._token else None
        self._next = clock()

    def __call__(self, *_step: object) -> None:
        """Tells that the work goes on, if it has not just done so.

        Raises:
            TrainingError: the state machine waits no longer, and may have started the task again.
        """
        if not self._token or self._clock() < self._next:
            return
        self._next = self._clock() + EVERY_SECONDS
        try:
            self._client.send_task_heartbeat(taskToken=self._token)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GIVEN_UP:
                raise TrainingError(
                    f"TASK_TOKEN: the state machine waits no longer for this task ({error})"
                ) from None
            print(f"no heartbeat was sent: {error}", file=sys.stderr, flush=True)
        except BotoCoreError as error:
            print(f"no heartbeat was sent: {error}", file=sys.stderr, flush=True)


def give_up() -> None:
    """Fails the state at once: an option or a variable is wrong, which no retry changes."""
    token = os.environ.get("TASK_TOKEN", "")
    if not token:
        return
    try:
        boto3.client("stepfunctions").send_task_failure(
            taskToken=token, error=WRONG_SETTING, cause="an option or a variable is wrong; see the task's log"
        )
    except (BotoCoreError, ClientError) as error:
        print(f"the state machine was not told: {error}", file=sys.stderr, flush=True)
