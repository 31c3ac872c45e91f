"""`python -m ops rehearse`: Airflow, MLflow and all else of the instances or tasks run, without Docker."""

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

TIERS = ("micro", "learning", "standard")
app = typer.Typer(help="Run Airflow, MLflow and what they need on this machine, without Docker.")


@app.command()
def rehearse(
    tier: Annotated[
        str, typer.Option(help="The tier whose services to run: micro, learning or standard.")
    ] = "learning",
    output: Annotated[Path, typer.Option(help="Where logs go.")] = Path("build/rehearse"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Start what the compose file or the Fargate tasks start, log in, run a DAG, and weigh every service.

    The exit code is 1 when something did not work or did not fit, and 2 for a wrong option.
    """
    if tier not in TIERS:
        _fail(
            f"--tier: got {tier!r}, allowed: {', '.join(TIERS)}; production runs tasks on Fargate alone",
            2,
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from rich.console import Console

    from ops.local.errors import LocalRunError
    from ops.rehearse.rehearsal import rehearse as run
    from ops.rehearse.report import show

    try:
        outcome = run(tier, output, Console(stderr=True))
    except LocalRunError as error:
        _fail(error, 1)
    except KeyboardInterrupt:
        _fail("interrupted; everything that was started has ended", 130)
    if as_json:
        print(json.dumps({**asdict(outcome), "fits": outcome.fits}))
    else:
        show(outcome, Console())
    if not outcome.fits:
        raise typer.Exit(1)


def _fail(error: object, code: int) -> NoReturn:
    print(f"rehearse: {error}", file=sys.stderr)
    raise typer.Exit(code)
