"""Runs a Pulumi program in a process of its own, as the CLI's Python language host does.

The engine starts it before it is ready itself, so that both import at the same time, and then sends the
address of its services on standard input. Besides running the program it tells the engine what each resource
type looks like: the SDK's classes are loaded here anyway, and loading them a second time would cost seconds.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import runpy
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pulumi.runtime
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from ops.engine.describe import DESCRIBE_METHOD, describe


class DescribingMonitor:
    """The resource monitor's client, which describes each resource type before its first resource."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = resource_pb2_grpc.ResourceMonitorStub(channel)
        self._describe: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(DESCRIBE_METHOD)
        self._described: set[str] = set()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stub, name)

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802
        """Registers a resource whose type the engine then knows."""
        if request.custom:
            self._tell(request.type)
        return self._stub.RegisterResource(request)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> Any:  # noqa: N802
        """Reads a resource whose type the engine then knows."""
        self._tell(request.type)
        return self._stub.ReadResource(request)

    def _tell(self, token: str) -> None:
        with self._lock:  # a second resource of the type waits until the engine has the description
            if token not in self._described:
                self._described.add(token)
                self._describe(json.dumps({"type": token, "shape": describe(token)}).encode())


class QuietEngine:
    """The engine's client without the SDK's debug messages: four a resource, each a blocking call."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = engine_pb2_grpc.EngineStub(channel)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stub, name)

    def Log(self, request: engine_pb2.LogRequest) -> Any:  # noqa: N802
        """Logs what a user is to see."""
        return None if request.severity == engine_pb2.DEBUG else self._stub.Log(request)


def main() -> int:
    """Runs the program; 0 when it finished, 1 when it failed and the engine was told why."""
    gc.disable()  # importing SDK modules sets it off again and again, for a process that lives for seconds
    parser = argparse.ArgumentParser()
    for name in ("project", "stack", "dry_run", "root"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("program", type=Path)
    arguments = parser.parse_args()
    sys.path.remove(os.getcwd())  # noqa: PTH109 - what `python -m` put there; the program must not see it
    os.chdir(arguments.program)
    # asyncio complains about futures that nobody awaited, which is what a failed deployment leaves behind.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    address = sys.stdin.readline().strip()
    channel = grpc.insecure_channel(address, options=_GRPC_CHANNEL_OPTIONS)
    config, secret_keys = pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    pulumi.runtime.set_all_config(config, secret_keys)
    settings = pulumi.runtime.Settings(
        project=arguments.project,
        stack=arguments.stack,
        monitor=DescribingMonitor(channel),
        engine=QuietEngine(channel),
        dry_run=arguments.dry_run == "true",
        root_directory=arguments.root,
        organization="organization",
    )
    pulumi.runtime.configure(settings)
    return _run(arguments.program)


def _run(program: Path) -> int:
    sys.argv = [str(program)]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def body() -> None:
        runpy.run_path(str(program), run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(body))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
    except Exception as error:  # whatever the program raised is its author's to see
        pulumi.log.error(f"program failed with an unhandled exception:\n{_own_frames(error, program)}")
    else:
        return 0
    return 1


def _own_frames(error: Exception, program: Path) -> str:
    """The traceback without this runner's and the SDK's frames, unless nothing would be left."""
    summary = traceback.TracebackException.from_exception(error)
    own = [frame for frame in summary.stack if _is_own(Path(frame.filename), program)]
    if own:
        summary.stack = traceback.StackSummary.from_list(own)
    return "".join(summary.format())


def _is_own(file: Path, program: Path) -> bool:
    here = Path(__file__).parent
    return (
        file.is_relative_to(program) and not file.is_relative_to(here) and "site-packages" not in file.parts
    )


if __name__ == "__main__":
    sys.exit(main())
