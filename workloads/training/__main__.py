"""`python -m workloads.training`: train a model, and publish it if it passes every check."""

import json
import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import typer

from workloads.training import options
from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME, RegisteredModel
from workloads.training.versions_command import confirm, plain_errors, promote, reconcile, rollback

if TYPE_CHECKING:
    from rich.console import Console

    from workloads.data.lineage import Lineage
    from workloads.training.train import Job, Trained

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Train the model."
)


@app.callback()
def _training() -> None:
    """Train the model."""


@app.command()
def train(
    month: options.Month,
    validate: options.Validate,
    tracking_uri: options.TrackingUri,
    data_bucket: options.Bucket,
    data: options.Data = None,
    dataset: options.DatasetName = "green",
    allow_synthetic: options.AllowSynthetic = False,
    model_name: options.ModelName = DEFAULT_NAME,
    model_alias: options.ModelAlias = DEFAULT_ALIAS,
    challenger_alias: options.ChallengerAlias = "",
    as_challenger: options.AsChallenger = False,
    challenger_first: options.ChallengerFirst = False,
    margin: options.Margin = 0.0,
    confidence: options.Confidence = 0.95,
    as_json: options.AsJson = False,
) -> None:
    """Train on one month, validate on another, register, and publish the version if it passes every check.

    Checked are the data (TLC's, enough rides and days, the months that they are said to be) and the model: a
    lower RMSE than linear regression, no borough far off, longer rides that take longer, size and speed,
    and surely a lower RMSE than the current model on the same rides, which is not asked of a challenger.
    Months come from where `python -m workloads.data fetch` finds them.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from rich.console import Console

    from workloads.data.months import dataset_named
    from workloads.training.promotion import Margin
    from workloads.training.train import prepare

    console = Console(stderr=True)
    with plain_errors(), _events(data_bucket) as lineage:
        registered = RegisteredModel(name=model_name, alias=model_alias, challenger_alias=challenger_alias)
        shadow = as_challenger or (challenger_first and _is_served(registered, tracking_uri))
        registered.target_alias(as_challenger=shadow)
        job = prepare(
            (month, validate), registered, data=data, bucket=data_bucket,
            allow_synthetic=allow_synthetic, as_challenger=shadow,
            margin=Margin(minutes=margin, confidence=confidence), dataset=dataset_named(dataset),
        )  # fmt: skip
        trained = _run(job, tracking_uri, data_bucket, console, lineage)
    if as_json:
        print(json.dumps(trained.document()))
    for line in trained.summary(validate):
        console.print(line, soft_wrap=True, markup=False, highlight=False)


@app.command()
def start_automl(
    month: options.Month,
    validate: options.Validate,
    execution: options.Execution,
    state_machine_arn: options.StateMachine,
) -> None:
    """Start AutoML's state machine on a month, once for each name of an execution."""
    with plain_errors():
        from workloads.training.automl import start

        print(start(state_machine_arn, month, validate, execution))


for _command in (promote, rollback, reconcile, confirm):
    app.command()(_command)


def _is_served(registered: RegisteredModel, tracking_uri: str) -> bool:
    """Whether the predictor has a version that a challenger can be compared with."""
    from workloads.training import registry

    registry.connect(tracking_uri)
    return bool(registry.version_of(registered.name, registered.alias))


def _events(bucket: str) -> AbstractContextManager["Lineage"]:
    from workloads.data.lineage import recorded
    from workloads.data.s3 import Bucket

    return recorded(Bucket(bucket), os.environ)


def _run(job: "Job", tracking_uri: str, bucket: str, console: "Console", lineage: "Lineage") -> "Trained":
    from workloads.training.growing import told
    from workloads.training.publish import DataBucket
    from workloads.training.train import train as run

    month, _ = job.months
    read = {job.dataset.raw_key(each): source["sha256"] for each, source in job.sources.items()}
    lineage.inputs.update(read)
    with console.status(f"train on {month}") as status:
        trained = run(
            job,
            tracking_uri=tracking_uri,
            bucket=DataBucket(bucket),
            progress=lambda turn, rmse: status.update(f"train on {month}: {told(turn, rmse)}"),
        )
    lineage.outputs[f"models/{job.registered.name}/versions/{trained.version}/model.ubj"] = ""
    return trained


if __name__ == "__main__":
    app(prog_name="python -m workloads.training")
