"""Shows a redrive as it goes and sums it up."""

from typing import Any

from rich.console import Console
from rich.progress import Progress

from workloads.delivery.redrive import Outcome, Redrive

STYLES = {"redriven": "green", "ready": "cyan", "failed": "red", "expired": "red", "refused": "yellow"}


def follow(job: Redrive, *, quiet: bool = False) -> dict[str, Any]:
    """Run the job with a progress bar, a line an outcome and a last line; the summary in plain values."""
    console = Console(quiet=quiet)
    outcomes: list[Outcome] = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("redriving", total=job.messages())
        for outcome in job.run():
            outcomes.append(outcome)
            progress.advance(task)
            line = f"{outcome.status:9} {outcome.records:6} records  {outcome.detail}"
            progress.console.print(
                line,
                style=STYLES[outcome.status],
                markup=False,
                soft_wrap=True,
                highlight=False,
            )
    summary = _summary(job, outcomes)
    console.print(
        f"{summary['redriven']} of {summary['messages']} batches redriven ({summary['records']} records), "
        f"{summary['kept']} still in the queue, {summary['lost']} records expired from the stream",
        highlight=False,
    )
    return summary


def _summary(job: Redrive, outcomes: list[Outcome]) -> dict[str, Any]:
    redriven = [outcome for outcome in outcomes if outcome.status == "redriven"]
    return {
        "queue_url": job.queue_url,
        "messages": len(outcomes),
        "redriven": len(redriven),
        "kept": sum(not outcome.deleted for outcome in outcomes),
        "records": sum(outcome.records for outcome in redriven),
        "lost": sum(outcome.lost for outcome in outcomes),
        "batches": [outcome.as_json() for outcome in outcomes],
    }
