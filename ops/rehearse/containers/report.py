"""What a person reads after a rehearsal in containers."""

from rich.console import Console
from rich.table import Table

from ops.rehearse.containers.on_instance import Outcome as InstanceOutcome
from ops.rehearse.containers.tier import Outcome


def show(outcome: Outcome, console: Console) -> None:
    """Prints a row per service: its seconds to health at first and after a kill, and its memory."""
    columns = ("service", "healthy after", "after a kill", "MiB", "with cached files", "limit", "at limit")
    table = Table(*columns)
    for name, weight in outcome.weights.items():
        killed = outcome.killed.get(name)
        table.add_row(
            name,
            f"{outcome.healthy.get(name, 0):.1f} s",
            "" if killed is None else f"{killed:.1f} s",
            f"{weight.anonymous_mib:.0f}" + (" [red]killed[/]" if weight.killed else ""),
            f"{weight.peak_mib:.0f}",
            str(weight.limit_mib),
            str(weight.at_limit or ""),
        )
    console.print(table)
    memory = sum(weight.anonymous_mib for weight in outcome.weights.values())
    limits = sum(weight.limit_mib for weight in outcome.weights.values())
    console.print(
        f"tier {outcome.tier}, trips: {outcome.data_source}; "
        f"{memory:.0f} MiB at most without cached files, limits {limits} MiB"
    )
    console.print("; ".join(f"{what} {seconds:.1f} s" for what, seconds in outcome.others.items()))
    console.print(
        f"{outcome.compared} runs, models, task states, objects and file modes are as before the faults"
    )
    _say_stand_ins(outcome.stand_ins, console)


def show_instance(outcome: InstanceOutcome, console: Console) -> None:
    """Prints a row for each thing that was done to the instance."""
    table = Table("what", "seconds")
    for what, seconds in outcome.seconds.items():
        table.add_row(what, f"{seconds:.0f}")
    console.print(table)
    console.print(
        f"tier {outcome.tier}, trips: {outcome.data_source}; {outcome.compared} runs, models, task states, "
        "objects and file modes are as before, after the reboot and on the new machine"
    )
    _say_stand_ins(outcome.stand_ins, console)


def _say_stand_ins(images: list[str], console: Console) -> None:
    if images:
        console.print(
            "no registry could be reached; made from Debian packages in place of the public images: "
            + ", ".join(sorted(set(images))),
            style="yellow",
        )
