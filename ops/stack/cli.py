"""`python -m ops stack`: commands on a deployed stack."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parents[2]

app = typer.Typer(no_args_is_help=True, help="Act on a deployed stack.")


@app.callback()
def _stack() -> None:
    """Act on a deployed stack."""


@app.command()
def redrive(
    stack: Annotated[str | None, typer.Option(help="The stack whose dead-letter queue to empty.")] = None,
    queue_url: Annotated[str | None, typer.Option(help="The queue, when it is not a stack's own.")] = None,
    function: Annotated[
        str | None, typer.Option(help="Name or ARN of the function, instead of the one each message names.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be delivered.")] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Deliver what is left of expired batches and drop their messages."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcomes as JSON.")] = False,
) -> None:
    """Deliver every batch in the dead-letter queue once more, with the same records and so to the same keys.

    A message leaves the queue when its batch succeeds. The exit code is 1 when any message stays.
    """
    if (stack is None) == (queue_url is None):
        raise typer.BadParameter("give either --stack or --queue-url")
    with _plain_errors():
        from workloads.delivery.clients import clients

        aws = clients()
        url = queue_url or aws.sqs.get_queue_url(QueueName=_name("dead-letters", stack))["QueueUrl"]
        from ops.stack.report import follow
        from workloads.delivery.redrive import Redrive

        job = Redrive(
            sqs=aws.sqs,
            kinesis=aws.kinesis,
            invoke=aws.invoke,
            queue_url=url,
            function=function,
            dry_run=dry_run,
            accept_loss=accept_loss,
        )
        summary: dict[str, Any] = follow(job, quiet=as_json)
    if as_json:
        print(json.dumps(summary, indent=2))
    if summary["kept"] and not dry_run:
        raise typer.Exit(1)


@app.command()
def wake(
    stack: Annotated[str, typer.Option(help="The stack to start outside of its office hours.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be started.")] = False,
) -> None:
    """Start what the office hours have stopped; the next closing time stops it again."""
    with _plain_errors("wake"):
        import boto3

        from ops.stack.wake import wake as start

        session: Any = boto3.Session()
        for one in start(_name("office-hours", stack), session.client, dry_run=dry_run):
            state = "would be started" if dry_run else "runs already" if one.already_running else "starting"
            print(f"{one.name}: {state}")


@app.command()
def unprotect(
    stack: Annotated[str, typer.Option(help="The stack that is to be taken down.")],
    empty_buckets: Annotated[
        bool, typer.Option("--empty-buckets", help="Delete every object in the stack's buckets, for good.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be unprotected.")] = False,
) -> None:
    """Turn off deletion protection in AWS, so that `pulumi destroy` can delete the stack.

    For a stack that cannot be updated any more; docs/taking-down.md has the whole way.
    """
    if not (yes or dry_run):
        data = " and delete everything in its buckets" if empty_buckets else ""
        typer.confirm(f"Turn off the deletion protection of stack {stack}{data}?", abort=True)
    with _plain_errors("unprotect"):
        import boto3

        from ops.engine.project import Project
        from ops.stack.unprotect import unprotect as run

        session: Any = boto3.Session()
        project = Project.load(ROOT).name
        for arn in run(project, stack, session.client, empty_buckets=empty_buckets, dry_run=dry_run):
            print(f"{arn}: {'would be unprotected' if dry_run else 'can be deleted'}")


@app.command()
def promote(
    stack: Annotated[str, typer.Option(help="The stack.")],
    version: Annotated[str, typer.Argument(help="The version; without it the challenger.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "by hand",
) -> None:
    """Make a model version the current one; the predictor follows within a minute."""
    with _plain_errors("promote"):
        from ops.stack.model import run

        raise typer.Exit(run(stack, ["promote", *([version] if version else []), "--reason", reason]))


@app.command()
def rollback(
    stack: Annotated[str, typer.Option(help="The stack.")],
    to: Annotated[str, typer.Option(help="The version; without it the one that was served before.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "by hand",
) -> None:
    """Make an earlier model version the current one again."""
    with _plain_errors("rollback"):
        from ops.stack.model import run

        raise typer.Exit(run(stack, ["rollback", *(["--to", to] if to else []), "--reason", reason]))


def _name(name: str, stack: str | None) -> str:
    """What the stack's resource `name` is called in AWS."""
    from ops.engine.project import Project

    return f"{Project.load(ROOT).name}-{name}-{stack}"


@contextmanager
def _plain_errors(command: str = "redrive") -> Iterator[None]:
    """Turn what AWS and its client refuse into one line and exit code 2."""
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.engine.model import EngineError

    try:
        yield
    except (BotoCoreError, ClientError, EngineError, ValueError) as error:
        print(f"{command}: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
