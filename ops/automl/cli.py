"""`python -m ops automl`: run AutoML's tasks on a stack, or here with --local."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

TASKS = ("optimize", "train", "predict", "pipeline")
Task = Literal["optimize", "train", "predict", "pipeline"]
FOLDER = Path("build/automl")

app = typer.Typer(no_args_is_help=True, help="Run AutoML's tasks on a stack, or here with --local.")

Stack = Annotated[str, typer.Option(help="The stack.")]
Local = Annotated[bool, typer.Option("--local", help="Run here, without an account.")]
Folder = Annotated[Path, typer.Option(help="Where --local keeps its bucket and MLflow's store.")]


@app.command()
def build(
    stack: Stack = "",
    architecture: Annotated[
        Literal["arm64", "x86_64"], typer.Option(help="Processor, where there is no --stack.")
    ] = "arm64",
) -> None:
    """Build the image, and with --stack push it to the stack's repositories."""
    with _plain_errors():
        from ops.automl import images
        from ops.automl.stack import deployed

        if not stack:
            print(images.build(architecture))
            return
        found = deployed(stack)
        name = images.build("x86_64" if found.architecture == "x86_64" else "arm64")
        for uri in images.push(found, name, _client("ecr")) or ["every repository has it already"]:
            print(uri)


@app.command()
def upload(
    paths: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Files.")],
    stack: Stack,
) -> None:
    """Copy months of trips, or files to score, to the stack's data bucket."""
    with _plain_errors():
        from ops.automl import images
        from ops.automl.stack import deployed

        found = deployed(stack)
        for key in images.upload(paths, found.data_bucket, _client("s3")):
            print(f"s3://{found.data_bucket}/{key}")


@app.command()
def logs(
    task: Annotated[Task, typer.Argument(help="The task.")],
    stack: Stack,
    minutes: Annotated[int, typer.Option(min=1, help="How far back.")] = 60,
) -> None:
    """Print what a task has logged lately."""
    with _plain_errors():
        from ops.automl import remote
        from ops.automl.stack import deployed

        for line in remote.recent(deployed(stack), task, minutes, _client):
            print(line)


@app.command()
def outputs(stack: Stack) -> None:
    """Print what the stack's AutoML is made of, as JSON."""
    with _plain_errors():
        from ops.automl.stack import deployed

        print(json.dumps(vars(deployed(stack)), indent=2))


@app.command()
def machine(
    entry: Annotated[str, typer.Argument(help='The input, such as {"month": "2023-01"}.')] = "{}",
    stack: Stack = "",
    local: Local = False,
    folder: Folder = FOLDER,
    timeout_seconds: Annotated[int, typer.Option(min=2, help="For a task, with --local.")] = 21_600,
) -> None:
    """Run search, training and prediction in the order of the state machine, with its retries."""
    with _plain_errors():
        document = _object(entry)
        if _here(stack, local):
            from ops.automl import local as here

            found = here.run_machine(document, folder.resolve(), timeout_seconds=timeout_seconds)
            _say(f"{found['status']}{': ' + found['cause'] if found.get('cause') else ''}")
            raise typer.Exit(0 if found["status"] == "SUCCEEDED" else 1)
        from ops.automl import remote
        from ops.automl.stack import deployed

        raise typer.Exit(remote.run_machine(deployed(stack), document, _client, _say))


def _register(task: str) -> None:
    """Adds the command of a task, whose own arguments come after those of this one."""

    @app.command(
        task,
        help=f"Run {task}; what is not an option here goes to `python -m workloads.automl {task}`.",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def run(ctx: typer.Context, stack: Stack = "", local: Local = False, folder: Folder = FOLDER) -> None:
        with _plain_errors():
            if _here(stack, local):
                from ops.automl import local as here

                raise typer.Exit(here.run_task([task, *ctx.args], folder.resolve()))
            from ops.automl import remote
            from ops.automl.stack import deployed

            raise typer.Exit(remote.run_task(deployed(stack), task, ctx.args, _client, _say))


for each in TASKS:
    _register(each)


def _here(stack: str, local: bool) -> bool:
    if bool(stack) == local:
        raise ValueError("give either --stack or --local")
    return local


def _object(entry: str) -> dict[str, Any]:
    try:
        found = json.loads(entry)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(
            f"""the input: got {entry!r}, allowed: a JSON object, such as '{{"month": "2023-01"}}'"""
        )
    return found


def _client(service: str) -> Any:
    import boto3

    session: Any = boto3.Session()
    return session.client(service)


def _say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What AWS, Docker or Pulumi refuse is one line and exit code 2."""
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.local.errors import LocalRunError

    try:
        yield
    except (BotoCoreError, ClientError, LocalRunError, ValueError) as error:
        print(f"automl: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
