"""What a person reads at the end of a run."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from ops.engine import Resource
from ops.local.moto.clients import CREDENTIALS
from ops.sandbox.pipeline import Outcome

# The Zoomcamp course's models on 2021-01 -> 2021-02: minutes, and seconds of the second one's training.
ZOOMCAMP_LINEAR_RMSE, ZOOMCAMP_RMSE, ZOOMCAMP_SECONDS = 7.76, 6.32, 267


# What became of a resource -> its mark, the mark on an ASCII terminal, and the colour.
MARKS = {
    "created": ("✓", "+", "green"),
    "read": ("?", "?", "cyan"),
    "planned": ("○", "o", "yellow"),
}


def show(outcome: Outcome, console: Console) -> None:
    """Prints the report."""
    console.print(_tree(outcome, ascii_only=console.options.ascii_only))
    console.print(_stages(outcome))
    console.print(_model(outcome))
    console.print(_samples(outcome))
    _account(outcome, console)
    _places(outcome, console)


def _tree(outcome: Outcome, *, ascii_only: bool) -> Tree:
    summary, deployment = outcome.summary, outcome.deployment
    tree = Tree(
        f"[bold]stack {deployment.stack}[/], tier {deployment.tier}: "
        f"[green]{summary.resources_created} created[/] in moto, "
        f"[yellow]{summary.resources_planned} planned[/] (checked only)"
    )
    root = next((each.urn for each in deployment.resources if each.type == "pulumi:pulumi:Stack"), None)
    _branch(tree, root, outcome, ascii_only=ascii_only)
    return tree


def _branch(tree: Tree, parent: str | None, outcome: Outcome, *, ascii_only: bool) -> None:
    children = [each for each in outcome.deployment.resources if each.parent == parent and each.urn != parent]
    real = [each for each in children if each.custom and not each.type.startswith("pulumi:")]
    for status, (mark, ascii_mark, style) in MARKS.items():
        if line := ", ".join(_counts([each for each in real if each.status == status])):
            tree.add(f"[{style}]{ascii_mark if ascii_only else mark}[/] {line}")
    for component in children:
        if not component.custom:
            branch = tree.add(f"[bold]{component.name}[/] [dim]{component.type}[/]")
            _branch(branch, component.urn, outcome, ascii_only=ascii_only)


def _counts(resources: list[Resource]) -> Iterator[str]:
    kinds = Counter(
        each.type.split(":")[1].split("/")[0] + " " + each.type.rpartition(":")[2] for each in resources
    )
    for kind, count in kinds.items():
        yield f"{count} {kind}" if count > 1 else kind


def _stages(outcome: Outcome) -> Table:
    table = Table(title="Stages (they overlap)", title_justify="left", box=None, pad_edge=False)
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    for name, seconds in outcome.summary.stages.items():
        table.add_row(name, f"{seconds:.1f}")
    return table


def _model(outcome: Outcome) -> Table:
    summary = outcome.summary
    table = Table(title="Model, minutes of error", title_justify="left", box=None, pad_edge=False)
    for column in ("model", "months", "RMSE", "MAE", "trained in"):
        table.add_column(column)
    months = f"{outcome.options.train} -> {outcome.options.validate}"
    table.add_row(
        f"[green]this one, version {summary.model_version}[/]",
        months,
        f"{summary.valid_rmse:.2f}",
        f"{summary.valid_mae:.2f}",
        f"{summary.train_seconds:.1f} s on {summary.train_rows:,} rides",
    )
    table.add_row("linear regression", months, f"{summary.linear_valid_rmse:.2f}", "", "")
    zoomcamp = "2021-01 -> 2021-02"
    table.add_row("Zoomcamp, linear regression", zoomcamp, f"{ZOOMCAMP_LINEAR_RMSE}", "", "")
    table.add_row("Zoomcamp, XGBoost", zoomcamp, f"{ZOOMCAMP_RMSE}", "", f"{ZOOMCAMP_SECONDS} s")
    if live := outcome.streamed.errors.rmse:
        table.add_row(
            "this one on the stream", outcome.options.stream, f"{live:.2f}", "", "rides of 1 to 60 minutes"
        )
    return table


def _samples(outcome: Outcome) -> Table:
    table = Table(title="Some predictions", title_justify="left", box=None, pad_edge=False)
    for column, justify in (("ride", "left"), ("zones", "left"), ("miles", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("predicted", justify="right")
    table.add_column("took", justify="right")
    errors = outcome.streamed.errors
    for line in errors.samples:
        ride, id_ = line["ride"], str(line["prediction"]["ride_id"])
        table.add_row(
            id_,
            f"{ride['PULocationID']} -> {ride['DOLocationID']}",
            f"{ride['trip_distance']:.2f}",
            f"{line['prediction']['ride_duration']:.1f} min",
            f"{errors.replay.minutes(id_):.1f} min",
        )
    return table


def _account(outcome: Outcome, console: Console) -> None:
    summary = outcome.summary
    what = "records" if outcome.options.serve else "rides"
    console.print(
        f"[bold]{summary.events_sent:,} {what} sent[/]: {summary.predicted:,} predicted, "
        f"{summary.rejected:,} rejected, "
        f"{summary.dead_lettered:,} dead-lettered, {summary.lost:,} lost, {summary.duplicated:,} duplicated",
        style="green" if summary.complete else "red",
    )
    if completed := outcome.streamed.account.completed:
        console.print(f"{completed:,} of them said that a ride has ended, and are in actuals/")
    if not outcome.options.serve:
        console.print(f"{summary.rides_per_second:,} rides a second", highlight=False)
    if deleted := outcome.streamed.deleted_objects:
        console.print(f"{deleted:,} objects were deleted from the data bucket once they were counted")
    if summary.data_source == "synthetic":
        console.print(
            "[yellow]No trip data could be had: these are synthetic trips, and so are the figures.[/]"
        )


def _places(outcome: Outcome, console: Console) -> None:
    console.print(f"summary and logs: {outcome.options.output}", highlight=False)
    if not outcome.kept:
        return
    for name, url in outcome.services.items():
        console.print(f"{name}: {url}", highlight=False)
    console.print(
        f"data bucket: AWS_ENDPOINT_URL={outcome.services['moto']} aws s3 ls s3://{outcome.path.bucket}/"
    )
    variables = {
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": outcome.path.function.arn.split(":")[3],
        "AWS_ENDPOINT_URL": outcome.services["moto"],
        "DATA_BUCKET": outcome.path.bucket,
        "KINESIS_STREAM_NAME": outcome.path.stream,
    }
    words = " ".join(f"{name}={value}" for name, value in variables.items())
    console.print(f"for `python -m workloads.streaming verify` and others: export {words}", highlight=False)
    groups = " ".join(f"-{process.pid}" for process in outcome.kept)
    console.print(f"they run until the next sandbox, or until you type: kill -- {groups}", highlight=False)
