"""The command `report-period`."""

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workloads.monitoring.period import PeriodReport


def report_period(
    period: Annotated[str, typer.Argument(help="YYYY-MM, or FIRST..LAST with days as YYYY-MM-DD.")],
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")],
    reports_bucket: Annotated[str, typer.Option(envvar="REPORTS_BUCKET", help="Where reports go.")],
    model_name: Annotated[str, typer.Option(envvar="MODEL_NAME", help="The registered model.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Report a month, or any days, at once: errors, Evidently's page, and what each day's report found.

    Writes drift/PERIOD/report.html and report.json. The days must be joined. Alerts and trainings follow
    from the days' own reports alone.
    """
    from workloads.data.lineage import recorded
    from workloads.data.months import DataError
    from workloads.data.s3 import Bucket
    from workloads.monitoring.ground_truth_files import rides_key
    from workloads.monitoring.period import Period
    from workloads.monitoring.period import report_period as run

    try:
        chosen = Period.parse(period)
        data, reports = Bucket(data_bucket), Bucket(reports_bucket, "REPORTS_BUCKET")
        with recorded(data, os.environ) as lineage:
            found = run(data, reports, chosen, model_name)
            read = [rides_key(day) for day in chosen.days() if day.isoformat() not in found.not_joined]
            lineage.inputs.update(dict.fromkeys(read, ""))
            lineage.outputs[found.link] = ""
    except DataError as error:
        print(f"monitoring: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    print(json.dumps(found.document()) if as_json else _words(found))


def _words(found: "PeriodReport") -> str:
    rmse = found.errors["rmse"]
    error = "" if rmse is None else f", RMSE {rmse:.2f} minutes"
    versions = ", ".join(f"{version} ({count})" for version, count in found.versions.items())
    lines = [
        f"{found.period}: {found.rides} rides, {found.completed} completed{error}",
        f"predicted by version {versions}; compared with the reference of version {found.version}",
    ]
    alarmed = [each["day"] for each in found.days if each["drift"] or each["performance"] or each["quality"]]
    lines.append(
        f"{len(found.days)} days were reported, of which with an alarm: {', '.join(alarmed) or 'none'}"
    )
    if found.not_joined:
        lines.append(f"not joined: {', '.join(found.not_joined)}")
    return "\n".join([*lines, found.link])
