"""`python -m ops simulate`: what four policies of retraining come to on real months."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from workloads.data.months import DataError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
OUT = Path("build/simulate")


@app.command()
def simulate(
    first: Annotated[str, typer.Option("--from", help="The first month, YYYY-MM.")] = "2021-01",
    last: Annotated[str, typer.Option("--to", help="The last month, YYYY-MM.")] = "2025-01",
    data: Annotated[Path, typer.Option(envvar="MLOPS_DATA_DIR", help="A folder with TLC's files.")] = Path(
        "data"
    ),
    policies: Annotated[
        str, typer.Option(help="never, weekly, drift, performance, with commas between.")
    ] = "never,weekly,drift,performance",
    shift: Annotated[str, typer.Option(help="A known shift to put in, such as slow-traffic.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its first day.")] = None,
    into: Annotated[Path, typer.Option(help="Where simulation.json and simulation.png go.")] = OUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Replay the months at hand through the loop, day by day, under four policies of retraining.

    Months that the folder lacks are left out: the next day at hand follows at once.
    """
    from ops.simulate import report
    from ops.simulate.days import days, months_at_hand
    from ops.simulate.loop import POLICIES, Loop, Trainer

    console = Console(stderr=True)
    try:
        if unknown := set(policies.split(",")) - set(POLICIES):
            raise DataError(f"--policies: got {', '.join(unknown)}, allowed: {', '.join(POLICIES)}")
        months, missing = months_at_hand(data, first, last)
        console.print(f"at hand: {', '.join(months)}; {len(missing)} months are not, and are left out")
        every = days(data, months, shift=shift, since=_day(since))
        trainer = Trainer(every)
        found = {}
        with Progress(console=console, transient=True) as progress:
            for name in (each for each in POLICIES if each in policies.split(",")):
                task = progress.add_task(name, total=len(every))
                found[name] = Loop(name, every, trainer).run(lambda task=task: progress.advance(task))  # type: ignore[misc]
    except DataError as error:
        print(f"simulate: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    document = report.write(found, months, missing, into)
    if as_json:
        print(json.dumps(document))
        return
    Console().print(report.table(found), report.by_month(found))
    print(f"{document['verdict']}\n{into}/simulation.json, {into}/simulation.png")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
