"""Predictions: the latest ones, a day of them against what the rides took, and why each is what it is."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from workloads.admin import aws, charts
from workloads.admin.deadline import in_time
from workloads.admin.errors import PlatformError
from workloads.admin.joined import days_joined, rides_of
from workloads.admin.platform import WAIT_SECONDS, platform
from workloads.admin.zone_map import all_zones, named
from workloads.data.months import DataError
from workloads.data.s3 import Bucket
from workloads.monitoring.explain import explain, origin

pages = Blueprint("predictions", __name__, url_prefix="/predictions")
SHOWN = 25
_COLUMNS = ("ride_id", "version", "minutes", "PULocationID", "DOLocationID", "trip_distance", "predicted_at")


@pages.get("")
def page() -> str:
    """The page."""
    return render_template("predictions.html", **_facts(), **_day())


@pages.get("/live")
def live() -> str:
    """The latest predictions."""
    return render_template("_predictions.html", **_facts())


@pages.get("/latest.csv")
def download() -> Response:
    """The latest predictions that the filter lets through."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for each in _facts()["found"]:
        writer.writerow([_cell(each[name]) for name in _COLUMNS])
    return Response(
        file.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=predictions.csv"},
    )


@pages.get("/why")
def why() -> str:
    """What a prediction was made of: the version, its training run, the months and their checksums."""
    ride_id = request.args.get("ride", "")[:200] or abort(404)
    known = platform()
    flow = known.flow.seen(WAIT_SECONDS).value
    line = next((each for each in (flow.latest if flow else ()) if _row(each)["ride_id"] == ride_id), None)
    try:
        bucket = Bucket(known.settings.data_bucket, config=aws.QUICK)
        found = in_time(
            "The data bucket",
            lambda: origin(bucket, {**_row(line), "day": ""}) if line else explain(bucket, ride_id),
        )
    except DataError as error:
        if "refused" in str(error):
            raise PlatformError(str(error)) from error
        return render_template("why.html", ride_id=ride_id, found=None, problem=str(error))
    return render_template("why.html", ride_id=ride_id, found=found, problem="", settings=known.settings)


def _facts() -> dict[str, Any]:
    flow = platform().flow.seen(WAIT_SECONDS)
    wanted = {name: request.args.get(name, "").strip()[:200] for name in ("ride", "version", "zone")}
    rows = [_row(line) for line in (flow.value.latest if flow.value else ())]
    found = [row for row in rows if _passes(row, wanted)]
    return {"flow": flow, "found": found, "shown": found[:SHOWN], "wanted": wanted, "zones": all_zones()}


def _row(line: Mapping[str, Any]) -> dict[str, Any]:
    ride = line.get("ride", {})
    return {
        "ride_id": str(line["prediction"]["ride_id"]),
        "model": line.get("model", ""),
        "version": str(line.get("version", "")),
        "minutes": line["prediction"]["ride_duration"],
        "PULocationID": ride.get("PULocationID"),
        "DOLocationID": ride.get("DOLocationID"),
        "trip_distance": ride.get("trip_distance"),
        "predicted_at": line.get("predicted_at", ""),
    }


def _passes(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    zone = named(wanted["zone"])
    places = (row["PULocationID"], row["DOLocationID"])
    return (
        wanted["ride"] in row["ride_id"]
        and wanted["version"] in ("", row["version"])
        and (not wanted["zone"] or (zone is not None and zone.number in places))
    )


def _cell(value: Any) -> Any:
    """A text that a spreadsheet does not run as a formula: ride ids are what anybody sent."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _day() -> dict[str, Any]:
    days = days_joined(platform())
    chosen = request.args.get("day", "")
    day = chosen if chosen in days else (days[-1] if days else "")
    pairs = rides_of(platform(), day) if day else ()
    return {"days": days[::-1], "day": day, "chart_of": _chart(pairs, day) if pairs else None}


def _chart(pairs: Sequence[tuple[float, float]], day: str) -> charts.Chart:
    return charts.against(
        pairs,
        summary=f"{len(pairs)} rides of {day}: what they took against what was predicted.",
        x_label="what the ride took, minutes",
        y_label="predicted, minutes",
    )
