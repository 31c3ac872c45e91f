"""One run of the program: its process, the services that answer it, and what came out."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ops.engine.model import Backend, Deployment
from ops.engine.project import Project, StackConfig

if TYPE_CHECKING:
    from ops.engine.graph import Graph

_ROOT = Path(__file__).resolve().parents[2]
_DEFAULT_REGION = "us-east-1"
# Not a socket of this machine, so that the program asks for no Docker engine: here nothing is built.
_DOCKER_HOST = "offline://"


def run(
    program: Path,
    *,
    stack: str,
    config: Mapping[str, str] | None = None,
    preview: bool = True,
    backend: Backend | None = None,
) -> Deployment:
    """Runs the Pulumi project in folder `program` with the config of `stack`.

    Args:
        program: The folder with Pulumi.yaml.
        stack: A stack that has a Pulumi.<stack>.yaml there.
        config: Overrides of the stack's config; a key without a namespace belongs to the project.
        preview: Computed outputs are unknown, and nothing is created.
        backend: Makes the resources real in an update; what it leaves planned gets invented outputs.

    Raises:
        EngineError: when the project or the stack's config cannot be used. A program that fails is no
            exception but a deployment with exit code 1 and its errors.
    """
    started = time.monotonic()
    project = Project.load(program.resolve())
    settings = project.stack_config(stack, config or {})
    with _start(project, stack, settings, preview=preview) as process:
        try:
            graph = _serve(process, project, stack, settings, preview=preview, backend=backend)
        finally:
            process.kill()
    if process.returncode and not graph.failed():
        graph.report("error", f"the program ended with exit code {process.returncode}")
    return Deployment(
        project=project.name,
        stack=stack,
        tier=settings.values.get(f"{project.name}:tier", ""),
        seconds=time.monotonic() - started,
        resources=graph.resources(),
        outputs=graph.outputs,
        secret_outputs=graph.secret_outputs,
        diagnostics=graph.diagnostics(),
        exit_code=1 if graph.failed() else 0,
    )


def _serve(
    process: subprocess.Popen[str],
    project: Project,
    stack: str,
    config: StackConfig,
    *,
    preview: bool,
    backend: Backend | None,
) -> "Graph":
    """Answers the program until it ends; returns what it registered, with diagnostics."""
    # Half a second of imports, spent while the program's process does its own.
    from ops.engine.graph import Graph
    from ops.engine.maker import Maker
    from ops.engine.monitor import Monitor
    from ops.engine.names import clashes
    from ops.engine.services import Engine, serve

    graph = Graph(project=project.name, stack=stack)
    region = config.values.get("aws:region", _DEFAULT_REGION)
    maker = Maker(graph, preview=preview, backend=backend, region=region)
    disabled = config.disabled_default_providers()
    monitor = Monitor(graph, maker, preview=preview, disabled_default_providers=disabled)
    server, address = serve(monitor, Engine(graph))
    try:
        printed = process.communicate(f"{address}\n")
    finally:
        server.stop(grace=None)
    for text in printed:
        if text.strip():
            graph.report("info", text.strip())
    for urn, clash in clashes(graph.resources()):
        graph.report("error", clash, urn)
    return graph


def _start(project: Project, stack: str, config: StackConfig, *, preview: bool) -> subprocess.Popen[str]:
    """Starts the program's process, which waits on standard input for the services' address."""
    words = ["--project", project.name, "--stack", stack, "--root", str(project.root)]
    words += ["--dry_run", "true" if preview else "false", str(project.main.resolve())]
    environment = {
        **os.environ,
        "DOCKER_HOST": _DOCKER_HOST,
        "PULUMI_CONFIG": json.dumps(dict(config.values)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(config.secret_keys),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "ops.engine.host", *words],
        cwd=_ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
