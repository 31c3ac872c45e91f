"""The command `join`."""

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workloads.monitoring.days import Arrivals
    from workloads.monitoring.ground_truth import Completeness


def join(
    day: Annotated[str, typer.Argument(help="The day of the pickups in New York, YYYY-MM-DD.")],
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")],
    arrived: Annotated[
        str, typer.Option(help="FIRST..LAST: the days on which the rides arrived, if not when they began.")
    ] = "",
    late_days: Annotated[
        int, typer.Option(min=0, max=31, help="Days after that in which completions are still looked for.")
    ] = 1,
    again: Annotated[
        int, typer.Option(min=0, max=31, help="Join so many days before again: completions may have come.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
) -> None:
    """Join a day's predictions with the completions of their rides, and say how complete the day is.

    Writes processed/joined/dt=DAY/rides.parquet, a row a ride, and completeness.json beside it.
    """
    from workloads.data.lineage import recorded
    from workloads.data.months import DataError
    from workloads.data.s3 import Bucket
    from workloads.monitoring.days import Arrivals, parse_day
    from workloads.monitoring.ground_truth_files import days_before, join_day, rides_key

    try:
        last, bucket = parse_day(day, "DAY"), Bucket(data_bucket)
        with recorded(bucket, os.environ) as lineage:
            for each in days_before(last, again):
                arrivals = Arrivals.of(each, arrived=arrived, late_days=late_days)
                days = [*arrivals.days()]
                read = [f"{kind}/dt={one}/" for kind in ("predictions", "actuals") for one in days]
                lineage.inputs.update(dict.fromkeys(read, ""))
                account = join_day(bucket, each, arrivals).completeness
                lineage.outputs[rides_key(each)] = ""
                for warning in _warnings(account, arrivals):
                    print(f"monitoring: {warning}", file=sys.stderr)
                print(json.dumps(account.document()) if as_json else _words(account))
    except DataError as error:
        print(f"monitoring: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def _warnings(account: "Completeness", arrivals: "Arrivals") -> list[str]:
    found = []
    if account.damaged:
        found.append(
            f"{account.day}: {len(account.damaged)} objects hold lines that cannot be read; the other lines "
            f"count. The first is {account.damaged[0]}; completeness.json lists them, and they stay there"
        )
    if not account.predictions:
        found.append(
            f"{account.day}: no predictions. If its rides were not sent on {arrivals.first} to "
            f"{arrivals.last}, say when with --arrived"
        )
    return found


def _words(account: "Completeness") -> str:
    share = "" if account.completeness is None else f" ({account.completeness:.1%})"
    return (
        f"{account.day}: {account.predictions} predictions, {account.completed} completed{share}; "
        f"{account.late} late, {account.duplicates} duplicates, {account.out_of_order} out of order, "
        f"{account.completions_without_prediction} completions without a prediction"
    )
