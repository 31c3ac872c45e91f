"""Ask for a ride: the event goes through the stream as every other, and its prediction is waited for."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workloads.admin import zone_map
from workloads.admin.deadline import in_time
from workloads.admin.platform import platform

pages = Blueprint("predict", __name__, url_prefix="/predict")
MAX_MILES = 100.0
MAX_PASSENGERS = 9
_NEW_YORK = ZoneInfo("America/New_York")


@pages.get("")
def page() -> str:
    """The form, and the rides that were asked for last."""
    now = datetime.now(_NEW_YORK).strftime("%Y-%m-%dT%H:%M")
    return _form({"time": now, "passengers": "1"})


@pages.post("")
def ask() -> ResponseReturnValue:
    """Sends the ride, or says what is wrong with it."""
    try:
        ride = _ride(request.form)
    except ValueError as error:
        flash(str(error), "error")
        return _form(request.form), 400
    journeys = platform().journeys
    journey = in_time("Kinesis", lambda: journeys.begin(ride))
    return redirect(url_for("predict.journey", ride_id=journey.ride_id))


@pages.get("/<ride_id>")
def journey(ride_id: str) -> str:
    """A ride on its way."""
    return render_template("journey.html", **_journey(ride_id))


@pages.get("/<ride_id>/live")
def live(ride_id: str) -> str:
    """How far it has come."""
    return render_template("_journey.html", **_journey(ride_id))


@pages.get("/distance.json")
def distance() -> dict[str, Any]:
    """The miles between two zones that are given by name; null where they are not known."""
    start, end = (zone_map.named(request.args.get(name, "")) for name in ("from", "to"))
    return {"miles": zone_map.distance(start, end) if start and end else None}


def _form(given: Mapping[str, str]) -> str:
    return render_template(
        "predict.html",
        zones=zone_map.all_zones(),
        map_width=zone_map.WIDTH,
        map_height=zone_map.height(),
        map_labels=zone_map.LABELS,
        given=given,
        latest=platform().journeys.latest(),
    )


def _journey(ride_id: str) -> dict[str, Any]:
    found = platform().journeys.find(ride_id) or abort(404)
    labels = {zone.number: zone.label for zone in zone_map.all_zones()}
    return {"journey": found, "labels": labels}


def _ride(fields: Mapping[str, str]) -> dict[str, Any]:
    """The ride of a form.

    Raises:
        ValueError: what is wrong, for the person who filled it in.
    """
    start, end = _zone(fields, "from"), _zone(fields, "to")
    text = fields.get("miles", "").strip()
    miles = _number(text) if text else zone_map.distance(start, end)
    if miles is None:
        raise ValueError("Distance: is not known between these zones; give it in miles.")
    if not 0 < miles <= MAX_MILES:
        raise ValueError(f"Distance: give miles above 0 and up to {MAX_MILES:g}, such as 3.5.")
    passengers = _number(fields.get("passengers", "") or "1")
    if passengers not in range(1, MAX_PASSENGERS + 1):
        raise ValueError(f"Passengers: give a whole number from 1 to {MAX_PASSENGERS}.")
    try:
        moment = datetime.fromisoformat(fields.get("time", ""))
    except ValueError:
        raise ValueError("Pick-up: give a date and a time, such as 2023-03-01 18:30.") from None
    return {
        "PULocationID": start.number,
        "DOLocationID": end.number,
        "trip_distance": miles,
        "lpep_pickup_datetime": moment.replace(tzinfo=None).isoformat(timespec="seconds"),
        "passenger_count": int(passengers),
    }


def _zone(fields: Mapping[str, str], name: str) -> zone_map.Zone:
    found = zone_map.named(fields.get(name, ""))
    if found is None:
        field = {"from": "From", "to": "To"}[name]
        raise ValueError(f"{field}: there is no such zone; choose one from the list or on the map.")
    return found


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return -1.0
    return number if math.isfinite(number) else -1.0
