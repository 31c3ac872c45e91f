"""`python -m ops sandbox`: the whole platform on this machine."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ops.sandbox.options import Options
    from ops.sandbox.pipeline import Outcome

app = typer.Typer(help="Deploy to a local stand-in for AWS, train, stream, report.")


@app.command()
def sandbox(
    stack: Annotated[str, typer.Option(help="The stack to deploy.")] = "dev",
    tier: Annotated[str | None, typer.Option(help="Its cost tier, instead of the stack's own.")] = None,
    train: Annotated[str, typer.Option(help="The month to train on.")] = "2023-01",
    validate: Annotated[str, typer.Option(help="The month to validate on.")] = "2023-02",
    stream: Annotated[str, typer.Option(help="The month to replay.")] = "2023-03",
    events: Annotated[int, typer.Option(help="How many rides of it to send.")] = 10_000,
    data: Annotated[Path | None, typer.Option(help="A folder with TLC's parquet files.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave moto and MLflow running.")] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Open the admin GUI, the status page and MLflow until Ctrl-C.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where state, logs and summary.json go.")] = Path(
        "build/sandbox"
    ),
) -> None:
    """Deploy the stack to moto, train, replay a month's rides, and account for each of them.

    The exit code is 1 when a ride was lost or came twice, or a stage failed, and 2 for a wrong option.
    """
    from ops.local.errors import LocalRunError
    from ops.local.folder import claim
    from ops.local.signals import interrupt_on_signals
    from ops.sandbox.options import Options

    try:
        options = Options(
            stack=stack, tier=tier, train=train, validate=validate, stream=stream,
            events=events, data=data, keep=keep, serve=serve, output=output,
        )  # fmt: skip
        claim(options.output)
    except LocalRunError as error:
        _fail(error, 2)
    interrupt_on_signals()
    _print_what_the_terminal_can()
    from rich.console import Console

    from ops.sandbox.report import show

    console = Console()
    outcome = _run(options, console)
    show(outcome, console)
    if not outcome.summary.complete:
        raise typer.Exit(1)


def _print_what_the_terminal_can() -> None:
    for file in (sys.stdout, sys.stderr):
        if isinstance(file, TextIOWrapper):
            file.reconfigure(errors="replace")  # what the terminal cannot show becomes a question mark


def _run(options: "Options", console: "Console") -> "Outcome":
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.local.errors import LocalRunError
    from ops.local.folder import unwritable
    from ops.sandbox.pipeline import Sandbox

    try:
        with Sandbox(options, console) as run:
            return run.run()
    except LocalRunError as error:
        _fail(error, 1)
    except OSError as error:
        _fail(unwritable(error, options.output), 1)
    except (BotoCoreError, ClientError) as error:
        _fail(f"moto failed: {error}; see {options.output / 'logs' / 'moto.log'}", 1)
    except KeyboardInterrupt:
        _fail("interrupted; everything that was started has ended", 130)


def _fail(error: object, code: int) -> NoReturn:
    print(f"sandbox: {error}", file=sys.stderr)
    raise typer.Exit(code)
