"""`python -m ops rehearse`: Airflow, MLflow and all else of the instances or tasks run on this machine."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ops.rehearse import TIERS

ENGINES = ("docker", "processes")
app = typer.Typer(help="Run Airflow, MLflow and what they need on this machine.")


@app.command()
def rehearse(
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Whose services to run: {', '.join(TIERS)}; again for several. [default: learning]"
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="docker: real containers, and faults; processes: without an engine.")
    ] = "docker",
    host: Annotated[
        bool, typer.Option("--host", help="Boot the instance itself as a container; micro and learning.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="Build the images alone, for a rehearsal after this.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Where logs go.")] = Path("build/rehearse"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Start what the compose file or the Fargate tasks start, log in, run DAGs, and weigh every service.

    With containers it also kills each, takes the database away, restarts the engine, and compares runs,
    models and task states with those before; with --host it boots the unmodified user data, reboots, gives
    a spot notice and goes on on a new machine. The exit code is 1 when something did not work or did not
    fit, 2 for a wrong option, and 3 where no container engine can be used.
    """
    tiers = list(dict.fromkeys(tier or ["learning"]))
    _check(tiers, engine, host, images)
    from rich.console import Console

    outcomes, show = _claimed("host" if host else "images" if images else engine, tiers, output)
    for outcome in outcomes:
        if as_json:
            print(json.dumps({**asdict(outcome), "fits": outcome.fits}))
        else:
            show(outcome, Console())
    raise typer.Exit(not all(outcome.fits for outcome in outcomes))


def _check(tiers: Sequence[str], engine: str, host: bool, images: bool) -> None:
    for tier in tiers:
        if tier not in TIERS:
            _fail(
                f"--tier: got {tier!r}, allowed: {', '.join(TIERS)}; production runs tasks on Fargate alone",
                2,
            )
    if engine not in ENGINES:
        _fail(f"--engine: got {engine!r}, allowed: {', '.join(ENGINES)}", 2)
    if images and (host or engine != "docker"):
        _fail("--images: allowed with --engine docker alone", 2)
    if len(tiers) > 1 and (host or engine != "docker"):
        _fail(f"--tier: got {len(tiers)} tiers, allowed: one, but with --engine docker without --host", 2)
    if host and (tiers == ["standard"] or engine != "docker"):
        _fail("--host: allowed with --engine docker and --tier micro or learning, which have an instance", 2)


def _claimed(kind: str, tiers: Sequence[str], output: Path) -> tuple[Sequence[Any], Callable[..., None]]:
    """What `_run` gives, in a folder that is claimed; ends the program when that fails or is interrupted."""
    import httpx
    from rich.console import Console

    from ops.local.errors import LocalRunError
    from ops.local.folder import claim
    from ops.local.signals import interrupt_on_signals
    from ops.rehearse.containers.docker import NoEngineError

    try:
        claim(output)
    except LocalRunError as error:
        _fail(error, 2)
    interrupt_on_signals()
    try:
        return _run(kind, tiers, output, Console(stderr=True))
    except LocalRunError as error:
        _fail(error, 3 if isinstance(error, NoEngineError) else 1)
    except httpx.HTTPError as error:
        _fail(f"{error.request.method} {error.request.url}: {type(error).__name__} {error}", 1)
    except KeyboardInterrupt:
        _fail("interrupted; everything that was started has ended", 130)


def _run(
    kind: str, tiers: Sequence[str], output: Path, console: Any
) -> tuple[Sequence[Any], Callable[..., None]]:
    """What was found, by tier, and what shows it."""
    if kind == "processes":
        from ops.rehearse.rehearsal import rehearse as in_processes
        from ops.rehearse.report import show

        return [in_processes(tiers[0], output, console)], show
    if kind == "host":
        from ops.rehearse.containers.on_instance import rehearse_on_instance
        from ops.rehearse.containers.report import show_instance

        return [rehearse_on_instance(tiers[0], output, console)], show_instance
    from ops.rehearse.containers.rehearsal import build_images
    from ops.rehearse.containers.rehearsal import rehearse as in_containers
    from ops.rehearse.containers.report import show as show_containers

    if kind == "images":
        build_images(output, console)
        return [], show_containers
    return in_containers(tiers, output, console), show_containers


def _fail(error: object, code: int) -> NoReturn:
    print(f"rehearse: {error}", file=sys.stderr)
    raise typer.Exit(code)
