"""`python -m ops explain`."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workloads.monitoring.explain import Explanation

app = typer.Typer(help="Say what a prediction was made of.")


@app.command()
def explain(
    ride_id: Annotated[str, typer.Argument(help="The ride.")],
    data_bucket: Annotated[
        str, typer.Option(envvar="DATA_BUCKET", help="The data bucket of a stack or of the sandbox.")
    ],
    day: Annotated[str, typer.Option(help="The day of its pickup, YYYY-MM-DD, if it is known.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Go from a ride's prediction to the model version, its training run, the months, and their checksums.

    The ride's day must have been joined with `python -m workloads.monitoring join`. Against the sandbox, set
    the variables that `make sandbox ARGS=--keep` prints.
    """
    from workloads.data.months import DataError
    from workloads.data.s3 import Bucket
    from workloads.monitoring.explain import explain as run

    try:
        found = run(Bucket(data_bucket), ride_id, day)
    except DataError as error:
        print(f"explain: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    print(json.dumps(found.document(), default=str) if as_json else _words(found))


def _words(found: "Explanation") -> str:
    ride = found.ride
    took = "not known" if ride["minutes"] is None else f"{ride['minutes']:.2f} minutes"
    same = {True: "the file in the bucket", False: "NOT the file in the bucket", None: "not on record"}
    lines = [
        f"ride         {ride['ride_id']} of {ride['day']}: zone {ride['PULocationID']} to "
        f"{ride['DOLocationID']}, {ride['trip_distance']} miles, began {ride['lpep_pickup_datetime']}",
        f"prediction   {ride['predicted_minutes']:.2f} minutes, made {ride['predicted_at']}; it took {took}",
        f"model        {found.model}, version {found.version}, sha256 {found.model_sha256}",
        f"training     MLflow run {found.run_id}, {found.trained_at}, {found.data_source} trips, "
        f"RMSE {found.metrics['valid_rmse']:.3f}",
    ]
    lines += [
        f"{each.role:<12} {each.month} {each.dataset}, sha256 {each.sha256 or 'not on record'}: "
        f"{same[each.in_bucket]}"
        for each in found.months
    ]
    return "\n".join(lines)
