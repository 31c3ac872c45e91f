"""A Lambda function's execution environment: the unpacked zip in a process that is used again."""

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from ops.event_source_mapping import InvocationResult

INIT_SECONDS = 30.0  # Lambda's own limit is 10; a laptop that builds something at the same time is slower
BOOTSTRAP = Path(__file__).with_name("_bootstrap.py")
# What the managed Python runtime brings along: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
RUNTIME_MODULES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What a function was registered with; `memory_mib` is told to it, not enforced."""

    name: str
    arn: str
    handler: str
    timeout_seconds: float
    memory_mib: int = 128
    variables: Mapping[str, str] = field(default_factory=dict)


class ExecutionEnvironment:
    """Calls the function in `package`; what it prints goes to `log`.

    Args:
        settings: The function's registered settings.
        package: The folder with the unpacked zip, see `unpack`.
        runtime: The folder with the runtime's AWS client, see `runtime_folder`.
        aws: The variables by which Lambda gives credentials, region and, here, the endpoint.
        log: A file that takes the function's output.
    """

    def __init__(
        self,
        settings: FunctionSettings,
        *,
        package: Path,
        runtime: Path,
        aws: Mapping[str, str],
        log: Path,
    ) -> None:
        self._settings = settings
        self._package = package.resolve()
        self._runtime = runtime.resolve()
        self._aws = aws
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._events = self._answers = -1
        self.cold_starts = 0

    def __enter__(self) -> "ExecutionEnvironment":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, event: bytes) -> InvocationResult:
        """Invokes the function with `event`, UTF-8 JSON; a crash or a timeout is its error."""
        if self._process is None:
            self._start()
            first = self._read(time.monotonic() + INIT_SECONDS)
            if first is None or "ready" not in first:
                return self._broken(first, INIT_SECONDS)
        request_id = str(uuid.uuid4())
        started = time.monotonic()
        self._send(event, request_id)
        answer = self._read(started + self._settings.timeout_seconds)
        if answer is None:
            return self._broken(None, self._settings.timeout_seconds)
        if "error" in answer:
            return InvocationResult(payload=json.dumps(answer["error"]).encode(), function_error="Unhandled")
        return InvocationResult.returned(answer["value"])

    def close(self) -> None:
        """Ends the process; the next call starts a new one."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        os.close(self._events)
        os.close(self._answers)

    def _start(self) -> None:
        events_here, self._events = os.pipe()
        self._answers, answers_here = os.pipe()
        words = [str(events_here), str(answers_here), str(self._package), str(self._runtime)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", str(BOOTSTRAP), *words, self._settings.handler],
                cwd=self._package,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(events_here, answers_here),
            )
        os.close(events_here)
        os.close(answers_here)
        self.cold_starts += 1

    def _environment(self) -> dict[str, str]:
        """Lambda's reserved variables around the function's own, and none of this machine's."""
        settings = self._settings
        return {
            **self._aws,
            **settings.variables,
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_mib),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{settings.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"sandbox/{self.cold_starts}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(self._package),
            "LAMBDA_RUNTIME_DIR": str(self._runtime),
            "_HANDLER": settings.handler,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }

    def _send(self, event: bytes, request_id: str) -> None:
        # The deadline is wall-clock time, because it is read in another process.
        head = {
            "request_id": request_id,
            "arn": self._settings.arn,
            "deadline": time.time() + self._settings.timeout_seconds,
        }
        frame = json.dumps(head).encode()[:-1] + b', "event": ' + event + b"}"
        with contextlib.suppress(BrokenPipeError):  # it died between two events: reading its answer says so
            view = memoryview(struct.pack(">I", len(frame)) + frame)
            while view:
                view = view[os.write(self._events, view) :]

    def _read(self, deadline: float) -> dict[str, Any] | None:
        """The next frame; None when the process ended or the time was up."""
        header = self._bytes(4, deadline)
        text = header and self._bytes(struct.unpack(">I", header)[0], deadline)
        return json.loads(text) if text else None

    def _bytes(self, count: int, deadline: float) -> bytes | None:
        got = b""
        while len(got) < count:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._answers, count - len(got)) if ready else b""
            if not chunk:
                return None
            got += chunk
        return got

    def _broken(self, answer: dict[str, Any] | None, seconds: float) -> InvocationResult:
        """The error of a process that failed to start, ended or hung; it is not used again."""
        process = self._process
        with contextlib.suppress(subprocess.TimeoutExpired):
            if process is not None:
                process.wait(0.05)
        code = process.returncode if process is not None else None
        self.close()
        if answer is not None:
            error = answer["error"]
        elif code is not None:
            error = {"errorType": "Runtime.ExitError", "errorMessage": f"the process ended with code {code}"}
        else:
            error = {
                "errorType": "Sandbox.Timedout",
                "errorMessage": f"timed out after {seconds:.2f} seconds",
            }
        return InvocationResult(payload=json.dumps(error).encode(), function_error="Unhandled")


def unpack(package: Path, folder: Path) -> Path:
    """Unpacks the zip into `folder`, which must not hold anything else; returns `folder`."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def runtime_folder(folder: Path) -> Path:
    """Makes a folder with the AWS client alone, as links into this environment; returns `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_MODULES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{name} is not installed; run `make .venv/.installed`")
        source = Path(spec.origin)
        source = source.parent if source.name == "__init__.py" else source
        link = folder / source.name
        link.unlink(missing_ok=True)
        link.symlink_to(source)
    return folder
