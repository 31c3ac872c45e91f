"""What a person reads after a rehearsal."""

from rich.console import Console
from rich.table import Table

from ops.rehearse.rehearsal import Outcome


def show(outcome: Outcome, console: Console) -> None:
    """Prints every service with its time to health and its memory against its limit."""
    table = Table("service", "healthy after", "MiB", "limit")
    for each in outcome.services:
        mark = "" if each.peak_mib <= each.limit_mib else " [red]too much[/]"
        table.add_row(
            each.name, f"{each.healthy_seconds:.1f} s", f"{each.peak_mib:.0f}{mark}", str(each.limit_mib)
        )
    console.print(table)
    total = sum(each.peak_mib for each in outcome.services)
    limits = sum(each.limit_mib for each in outcome.services)
    console.print(
        f"tier {outcome.tier}, executor {outcome.executor}: all up after {outcome.up_seconds:.1f} s, "
        f"a DAG ran in {outcome.dag_seconds:.1f} s"
    )
    console.print(f"memory: {total:.0f} MiB at most, limits {limits} MiB, on {outcome.host}")
