"""`python -m workloads.training`: train a model, and publish it if it is better than the current one."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME, RegisteredModel

if TYPE_CHECKING:
    from workloads.data.fetch import Months

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Train the model."
)


@app.callback()
def _training() -> None:
    """Train the model."""


@app.command()
def train(
    month: Annotated[str, typer.Argument(help="The month to train on, YYYY-MM.")],
    validate: Annotated[str, typer.Option(help="The later month to measure errors on, YYYY-MM.")],
    tracking_uri: Annotated[str, typer.Option(envvar="MLFLOW_TRACKING_URI", help="MLflow's address.")],
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="Where bundles are published.")],
    data: Annotated[Path | None, typer.Option(help="A folder with both months' files.")] = None,
    model_name: Annotated[
        str, typer.Option(envvar="MODEL_NAME", help="The registered model.")
    ] = DEFAULT_NAME,
    model_alias: Annotated[
        str, typer.Option(envvar="MODEL_ALIAS", help="The alias of the current model.")
    ] = DEFAULT_ALIAS,
    challenger_alias: Annotated[
        str, typer.Option(envvar="CHALLENGER_ALIAS", help="The alias of the challenger.")
    ] = "",
    as_challenger: Annotated[
        bool, typer.Option("--as-challenger", help="Publish under the challenger's alias, and no other.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train on one month, validate on another, register, and publish a version better than the current one.

    Months come from where `python -m workloads.data fetch` finds them; synthetic ones only from --data.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from rich.console import Console

    from workloads.data.months import DataError
    from workloads.training.errors import TrainingError

    console = Console(stderr=True)
    try:
        registered = RegisteredModel(name=model_name, alias=model_alias, challenger_alias=challenger_alias)
        registered.target_alias(as_challenger=as_challenger)
        with console.status(f"train on {month}") as status:
            found = _months(month, validate, data)
            from workloads.training.publish import DataBucket
            from workloads.training.train import train as run

            trained = run(
                train_file=found.files[month],
                valid_file=found.files[validate],
                train_month=month,
                valid_month=validate,
                tracking_uri=tracking_uri,
                bucket=DataBucket(data_bucket),
                progress=lambda turn, rmse: status.update(
                    f"train on {month}: round {turn}, {rmse:.3f} minutes"
                ),
                registered=registered,
                as_challenger=as_challenger,
            )
    except (DataError, TrainingError) as error:
        print(f"training: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    if found.source == "synthetic":
        console.print("trained on synthetic trips, not on TLC's", soft_wrap=True)
    if as_json:
        print(json.dumps({**asdict(trained), "published": trained.published, "data_source": found.source}))
        return
    console.print(
        f"version {trained.version}: {trained.valid_rmse:.3f} minutes RMSE on {validate} "
        f"(linear regression {trained.linear_valid_rmse:.3f}), {trained.rounds} rounds "
        f"in {trained.train_seconds:.1f} s"
    )
    console.print(f"{trained.alias}: version {trained.alias_version}, {trained.alias_rmse:.3f} minutes RMSE")


def _months(month: str, validate: str, data: Path | None) -> "Months":
    """Both months; synthetic ones only when --data gave them: an outage of TLC's site must not."""
    from workloads.data.fetch import fetch
    from workloads.data.months import DataError, MonthError, valid_month

    if valid_month(validate) <= valid_month(month):
        raise MonthError(f"--validate: got {validate}, allowed: a month after {month}, which is trained on")
    found = fetch([month, validate], data=data, environ=os.environ)
    if found.source == "synthetic" and data is None:
        raise DataError(
            f"{month}, {validate}: only synthetic trips can be had, which train no model unasked; try again "
            "when TLC's site answers, give TLC's files with --data, or, for synthetic ones, "
            f"`python -m workloads.data fetch {month} {validate} --into DIR` and --data DIR"
        )
    return found


if __name__ == "__main__":
    app(prog_name="python -m workloads.training")
