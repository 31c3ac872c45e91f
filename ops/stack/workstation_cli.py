"""`python -m ops workstation`."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ops.stack.workstation import Workstation

ROOT = Path(__file__).resolve().parents[2]
Stack = Annotated[str, typer.Option(help="The stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(no_args_is_help=True, help="Start, stop and reach a stack's workstation.")


@app.callback()
def _workstation() -> None:
    """Start, stop and reach a stack's workstation."""


@app.command()
def status(stack: Stack, as_json: AsJson = False) -> None:
    """Show what the workstation does, its volumes, and the last snapshot of one."""
    with _plain_errors():
        one = _find(stack)
    if as_json:
        print(json.dumps(asdict(one)))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    for name, value in asdict(one).items():
        shown = {True: "yes", False: "no", "": "none"}.get(value, value) if value != () else "none"
        table.add_row(name.replace("_", " "), ", ".join(shown) if isinstance(shown, tuple) else str(shown))
    Console().print(table)


@app.command()
def start(stack: Stack) -> None:
    """Start the workstation; it stops itself once nobody uses it."""
    from ops.stack import workstation

    with _plain_errors():
        one = _find(stack)
        workstation.start(one, _session().client)
    print(f"{one.instance_id}: {'runs already' if one.state == 'running' else 'starting'}")


@app.command()
def stop(stack: Stack) -> None:
    """Stop the workstation after a checkpoint of its work folder; kernels end unless it hibernates."""
    from ops.stack import workstation

    with _plain_errors():
        one = _find(stack)
        workstation.stop(one, _session().client)
    print(f"{one.instance_id}: {'is stopped already' if one.state == 'stopped' else 'stopping'}")


@app.command()
def workers(count: Annotated[int, typer.Argument(min=0)], stack: Stack) -> None:
    """Ask for so many workers; one without a job leaves by itself, one taken away gives its job back."""
    from ops.stack import workstation

    with _plain_errors():
        now = workstation.ask_for_workers(_project(), stack, count, _session().client)
    print(f"workers: {count} asked for, {now} there now")


@app.command()
def connect(
    stack: Stack,
    port: Annotated[int, typer.Option(help="8888 for JupyterLab, 6006 for TensorBoard.")] = 8888,
    local_port: Annotated[int, typer.Option(help="The port here; without it the same.")] = 0,
    only_print: Annotated[bool, typer.Option("--print", help="Print the command instead.")] = False,
) -> None:
    """Bring JupyterLab to this machine through Systems Manager, until Ctrl+C; no port of it is open."""
    from ops.stack import workstation

    with _plain_errors():
        one, session = _find(stack), _session()
        command = workstation.forward(one, session.region_name, port, local_port or port)
        if only_print:
            print(shlex.join(command))
            return
        service = workstation.PORTS.get(port, f"port {port}")
        print(f"{service}: http://localhost:{local_port or port}", file=sys.stderr)
        if port == workstation.JUPYTER_PORT:
            print(f"token: {_token_command(stack, session.region_name)}", file=sys.stderr)
        code = workstation.run(command)
    raise typer.Exit(code)


def _token_command(stack: str, region: str) -> str:
    return (
        f"aws secretsmanager get-secret-value --region {region} --secret-id {_project()}-workstation-{stack} "
        "--query SecretString --output text | jq -r .jupyter_token"
    )


def _find(stack: str) -> "Workstation":
    from ops.stack.workstation import find

    return find(_project(), stack, _session().client)


def _session() -> Any:
    import boto3

    return boto3.Session()


def _project() -> str:
    from ops.engine.project import Project

    return Project.load(ROOT).name


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what AWS and its client refuse into one line and exit code 2."""
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.engine.model import EngineError

    try:
        yield
    except (BotoCoreError, ClientError, EngineError, ValueError) as error:
        print(f"workstation: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
