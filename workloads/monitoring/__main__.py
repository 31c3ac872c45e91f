"""`python -m workloads.monitoring`: how good the predictions are."""

import typer

from workloads.monitoring.ground_truth_command import join
from workloads.monitoring.period_command import report_period
from workloads.monitoring.report_command import report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="See how good the predictions are.",
)


@app.callback()
def _monitoring() -> None:
    """See how good the predictions are."""


app.command()(join)
app.command()(report)
app.command()(report_period)

if __name__ == "__main__":
    app(prog_name="python -m workloads.monitoring")
