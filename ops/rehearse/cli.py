"""`python -m ops rehearse`: Airflow, MLflow and all else of the instances or tasks run on this machine."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

TIERS = ("micro", "learning", "standard")
ENGINES = ("docker", "processes")
app = typer.Typer(help="Run Airflow, MLflow and what they need on this machine.")


@app.command()
def rehearse(
    tier: Annotated[
        str, typer.Option(help="The tier whose services to run: micro, learning or standard.")
    ] = "learning",
    engine: Annotated[
        str, typer.Option(help="docker: real containers, and faults; processes: without an engine.")
    ] = "docker",
    host: Annotated[
        bool, typer.Option("--host", help="Boot the instance itself as a container; micro and learning.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where logs go.")] = Path("build/rehearse"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Start what the compose file or the Fargate tasks start, log in, run DAGs, and weigh every service.

    With containers it also kills each, takes the database away, restarts the engine, and compares runs,
    models and task states with those before; with --host it boots the unmodified user data, reboots, gives
    a spot notice and goes on on a new machine. The exit code is 1 when something did not work or did not
    fit, and 2 for a wrong option.
    """
    _check(tier, engine, host)
    from rich.console import Console

    from ops.local.errors import LocalRunError
    from ops.local.folder import claim
    from ops.local.signals import interrupt_on_signals

    try:
        claim(output)
    except LocalRunError as error:
        _fail(error, 2)
    interrupt_on_signals()
    try:
        outcome, show = _run("host" if host else engine, tier, output, Console(stderr=True))
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


def _check(tier: str, engine: str, host: bool) -> None:
    if tier not in TIERS:
        _fail(
            f"--tier: got {tier!r}, allowed: {', '.join(TIERS)}; production runs tasks on Fargate alone",
            2,
        )
    if engine not in ENGINES:
        _fail(f"--engine: got {engine!r}, allowed: {', '.join(ENGINES)}", 2)
    if host and (tier == "standard" or engine != "docker"):
        _fail("--host: allowed with --engine docker and --tier micro or learning, which have an instance", 2)


def _run(engine: str, tier: str, output: Path, console: Any) -> tuple[Any, Callable[..., None]]:
    if engine == "processes":
        from ops.rehearse.rehearsal import rehearse as in_processes
        from ops.rehearse.report import show

        return in_processes(tier, output, console), show
    if engine == "host":
        from ops.rehearse.containers.on_instance import rehearse_on_instance
        from ops.rehearse.containers.report import show_instance

        return rehearse_on_instance(tier, output, console), show_instance
    from ops.rehearse.containers.rehearsal import rehearse as in_containers
    from ops.rehearse.containers.report import show as show_containers

    return in_containers(tier, output, console), show_containers


def _fail(error: object, code: int) -> NoReturn:
    print(f"rehearse: {error}", file=sys.stderr)
    raise typer.Exit(code)
