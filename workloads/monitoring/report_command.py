"""The command `report`."""

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workloads.monitoring.report import Report


def report(
    day: Annotated[str, typer.Argument(help="The day of the pickups in New York, YYYY-MM-DD; it is joined.")],
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")],
    reports_bucket: Annotated[str, typer.Option(envvar="REPORTS_BUCKET", help="Where reports go.")],
    model_name: Annotated[str, typer.Option(envvar="MODEL_NAME", help="The registered model.")],
    dataset: Annotated[str, typer.Option(envvar="DATASET", help="green or yellow.")] = "green",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Report a day's data drift, data quality and performance against the model version's reference.

    Writes drift/DAY/report.html and report.json, the day's row in drift/history.parquet, and metrics; sends
    an alert when a breach begins and when it ends; and says whether to train. A breach is no error.
    """
    from workloads.data.lineage import recorded
    from workloads.data.months import DataError, dataset_named
    from workloads.data.s3 import Bucket
    from workloads.monitoring.days import parse_day
    from workloads.monitoring.ground_truth_files import rides_key
    from workloads.monitoring.report import report_day
    from workloads.monitoring.settings import MonitoringSettings

    try:
        settings = MonitoringSettings.of(os.environ)
        data, reports = Bucket(data_bucket), Bucket(reports_bucket, "REPORTS_BUCKET")
        described = dataset_named(dataset)
        parsed = parse_day(day, "DAY")
        with recorded(data, os.environ) as lineage:
            lineage.inputs[rides_key(parsed)] = ""
            found = report_day(data, reports, parsed, model_name, settings, described)
            if version := found.row.version:
                lineage.inputs[f"models/{model_name}/versions/{version}/reference.json"] = version
            lineage.outputs[found.link] = ""
    except DataError as error:
        print(f"monitoring: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    print(json.dumps(found.document()) if as_json else _words(found))


def _words(found: "Report") -> str:
    row = found.row
    error = "" if row.rmse is None else f", RMSE {row.rmse:.2f} minutes"
    judged = "" if row.judged else "; not judged"
    lines = [f"{row.day}: {row.rides} rides, {row.completed} completed{error}{judged}"]
    kinds = {"drift": row.drift, "performance": row.performance, "quality": row.quality}
    lines += [f"{kind}: {', '.join(shifted)}" for kind, shifted in kinds.items() if shifted]
    if row.breach:
        lines.append(f"a breach since {row.breach_since}")
    lines.append(f"training: {'yes' if row.train else 'no'}, {found.retraining.reason}")
    return "\n".join([*lines, found.link])
