"""Runs a function as Lambda's Python runtime does: imports its handler once, then answers event by event.

Started with `python -I -S -B`, it sees the standard library, the function's folder and the runtime's AWS
client and nothing else of the machine, which is why it imports only the standard library. Frames on the two
pipes are a length of four bytes, big-endian, and that many bytes of JSON.
"""

import importlib
import json
import os
import struct
import sys
import time
import traceback
from typing import Any, BinaryIO


class Context:
    """The context object, as far as its attributes are documented for Python.

    Source: AWS Lambda Developer Guide, "Using the Lambda context object to retrieve Python
    function information".
    """

    def __init__(self, request_id: str, arn: str, deadline: float) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = arn
        self.aws_request_id = request_id
        self.identity = None
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main(events: BinaryIO, answers: BinaryIO, handler_name: str) -> None:
    """Answers until the pipe of events is closed."""
    try:
        module, _, name = handler_name.rpartition(".")
        handler = getattr(importlib.import_module(module), name)
    except Exception as error:
        _write(answers, {"error": _described(error)})
        return
    _write(answers, {"ready": True})
    while header := events.read(4):
        request = json.loads(events.read(*struct.unpack(">I", header)))
        context = Context(request["request_id"], request["arn"], request["deadline"])
        try:
            answer = {"value": handler(request["event"], context)}
            json.dumps(answer)  # what cannot be marshalled is the function's error, not the runtime's
        except Exception as error:
            answer = {"error": _described(error)}
        sys.stdout.flush()
        _write(answers, answer)


def _described(error: Exception) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def _write(answers: BinaryIO, answer: dict[str, Any]) -> None:
    text = json.dumps(answer).encode()
    answers.write(struct.pack(">I", len(text)) + text)
    answers.flush()


if __name__ == "__main__":
    task, runtime = sys.argv[3:5]
    sys.path[:0] = [task]
    sys.path.append(runtime)
    with os.fdopen(int(sys.argv[1]), "rb") as incoming, os.fdopen(int(sys.argv[2]), "wb") as outgoing:
        main(incoming, outgoing, sys.argv[5])
