"""`python -m workloads.prediction`: score months or days without the stream."""

import json
import os
import sys
from typing import Annotated

import typer

from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Predict in batches."
)


@app.callback()
def _prediction() -> None:
    """Predict in batches."""


@app.command()
def score(
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")],
    month: Annotated[
        str, typer.Argument(help="YYYY-MM; empty for the newest that was taken in, or for a range of days.")
    ] = "",
    first: Annotated[str, typer.Option(help="The first day of a range, YYYY-MM-DD.")] = "",
    last: Annotated[str, typer.Option(help="Its last day.")] = "",
    dataset: Annotated[str, typer.Option(envvar="DATASET", help="green or yellow.")] = "green",
    model_name: Annotated[
        str, typer.Option(envvar="MODEL_NAME", help="The registered model.")
    ] = DEFAULT_NAME,
    model_alias: Annotated[
        str, typer.Option(envvar="MODEL_ALIAS", help="The alias of the model.")
    ] = DEFAULT_ALIAS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Score a month or a range of days that `python -m workloads.data ingest` took in.

    Writes batch/DATASET/WINDOW/version=VERSION/predictions.parquet and summary.json.
    """
    from workloads.data.lineage import recorded
    from workloads.data.months import DataError, MonthError, dataset_named
    from workloads.data.s3 import Bucket
    from workloads.prediction.score import Window, current, newest
    from workloads.prediction.score import score as run

    try:
        described, bucket = dataset_named(dataset), Bucket(data_bucket)
        with recorded(bucket, os.environ) as lineage:
            if bool(month) and bool(first or last):
                raise MonthError("month, --first: both are given, allowed: a month, or a range of days")
            if first or last:
                window = Window.days(first or last, last or first, described)
            else:
                window = Window.month(month or newest(bucket, described), described)
            lineage.inputs.update(dict.fromkeys(map(described.processed_key, window.months), ""))
            scored = run(bucket, window, described, bundle := current(bucket, model_name, model_alias))
            lineage.inputs[f"{bundle.folder}/model.ubj"] = scored.model_sha256
            lineage.outputs[scored.key] = ""
    except DataError as error:
        print(f"prediction: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    words = f"{scored.window}: {scored.rides} rides by version {scored.version}, {scored.key}"
    print(json.dumps(scored.document()) if as_json else words)


if __name__ == "__main__":
    app(prog_name="python -m workloads.prediction")
