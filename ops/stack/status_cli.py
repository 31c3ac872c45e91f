"""`python -m ops status`: a stack's alarms, figures and services in a terminal."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from ops.stack.status import Status

ROOT = Path(__file__).resolve().parents[2]
_STYLES = {"OK": "green", "ALARM": "bold red", "INSUFFICIENT_DATA": "yellow"}
app = typer.Typer(help="Show how a deployed stack is.")


@app.command()
def status(
    stack: Annotated[str, typer.Option(help="The stack.")] = "dev",
    airflow_url: Annotated[str, typer.Option(help="Airflow's address, in place of the stack's output.")] = "",
    mlflow_url: Annotated[str, typer.Option(help="MLflow's address, in place of the stack's output.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show alarms, the dashboard's newest figures, and whether Airflow and MLflow answer.

    The exit code is 1 when something is in alarm or does not answer.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from ops.engine.model import EngineError
    from ops.engine.project import Project
    from ops.stack.status import status as read

    given = {name: url for name, url in (("airflow", airflow_url), ("mlflow", mlflow_url)) if url}
    urls, note = (given, "") if given else _outputs(stack)
    try:
        found = read(boto3.client("cloudwatch"), Project.load(ROOT).name, stack, urls)
    except (BotoCoreError, ClientError, EngineError, ValueError) as error:
        print(f"status: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(found.document(), indent=2))
    else:
        _show(found, note)
    if not found.healthy:
        raise typer.Exit(1)


def _outputs(stack: str) -> tuple[dict[str, str], str]:
    """The addresses by the stack's outputs, or why they are not known."""
    from ops.stack.model import outputs

    try:
        known = outputs(stack)
    except ValueError as error:
        return {}, f"services were not asked: {error}"
    return {name: str(known[f"{name}_url"]) for name in ("airflow", "mlflow") if f"{name}_url" in known}, ""


def _show(found: "Status", note: str) -> None:
    console = Console()
    alarms = Table("alarm", "state", "since", "what it means", title="Alarms", title_justify="left")
    for alarm in found.alarms:
        style = _STYLES[alarm.state]
        meaning = f"{alarm.meaning}\n{alarm.runbook}" if alarm.state == "ALARM" else alarm.meaning
        alarms.add_row(alarm.name, f"[{style}]{alarm.state}[/]", f"{alarm.since:%Y-%m-%d %H:%M}", meaning)
    console.print(alarms)
    figures = Table("", "figure", "metric", "newest", title="Figures", title_justify="left")
    for one in found.figures:
        figures.add_row(one.group, one.title, one.metric, "-" if one.value is None else f"{one.value:,.6g}")
    console.print(figures)
    services = Table("service", "state", "ms", title="Services", title_justify="left")
    for service in found.services:
        style = "green" if service.healthy else "bold red"
        services.add_row(service.name, f"[{style}]{service.detail}[/]", str(service.milliseconds))
    if found.services:
        console.print(services)
    if note:
        console.print(note, highlight=False)
    console.print("[green]healthy[/]" if found.healthy else "[bold red]not healthy[/]")
