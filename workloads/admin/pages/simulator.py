"""Rides of a real month sent to the stream, at a rate that is asked for, as they were or shifted."""

import re
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workloads.admin.pages.overview import traffic
from workloads.admin.platform import platform

pages = Blueprint("simulator", __name__, url_prefix="/simulator")
RATES = {
    "1": "1 ride a second",
    "5": "5 rides a second",
    "20": "20 rides a second",
    "100": "100 rides a second",
}
MAX_RIDES = 50_000
DEFAULT_MONTH = "2023-03"
SHIFT_WORDS = {
    "distance-unit": "distances in kilometers, called miles",
    "zone-remap": "zones numbered anew",
    "missing-column": "no number of passengers",
    "hour-shift": "pick-ups in UTC instead of New York's time",
    "price-era": "fewer long rides",
    "slow-traffic": "rides that take longer",
}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@pages.get("")
def page() -> str:
    """The form, and what is being sent."""
    return render_template("simulator.html", **_facts())


@pages.get("/live")
def live() -> str:
    """What is being sent."""
    return render_template("_simulator.html", **_facts())


@pages.post("/start")
def start() -> ResponseReturnValue:
    """Starts sending, in place of what was being sent."""
    rate, shift = request.form.get("rate", ""), request.form.get("shift", "")
    month, rides = request.form.get("month", ""), request.form.get("rides", "")
    problem = _problem(rate, shift, month, rides)
    if problem:
        flash(problem, "error")
        return redirect(url_for("simulator.page"))
    known = platform()
    arguments = ["workloads.streaming", "simulate", f"--month={month}", f"--interval={1 / int(rate)}"]
    arguments += [f"--max-events={rides}"]
    arguments += [f"--drift={shift}"] if shift else []
    arguments += ["--allow-synthetic"] if known.settings.allow_synthetic else []
    words = f"{RATES[rate]} of {month}" + (f", {SHIFT_WORDS[shift]}" if shift else "")
    known.simulator.stop()
    if known.simulator.start(words, g.user.name, arguments):
        flash(f"Sending {words}.", "done")
    else:
        flash("The simulator is still ending what it sent before; start it again.", "error")
    return redirect(url_for("simulator.page"))


@pages.post("/stop")
def stop() -> ResponseReturnValue:
    """Stops sending."""
    platform().simulator.stop()
    flash("The simulator has stopped.", "done")
    return redirect(url_for("simulator.page"))


def _problem(rate: str, shift: str, month: str, rides: str) -> str:
    if rate not in RATES:
        return "Speed: choose one of the list."
    if shift and shift not in SHIFT_WORDS:
        return "Shift: choose one of the list."
    if not _MONTH.fullmatch(month):
        return f"Month: give a year and a month, such as {DEFAULT_MONTH}."
    if not rides.isdecimal() or not 1 <= int(rides) <= MAX_RIDES:
        return f"Rides: give a whole number from 1 to {MAX_RIDES}."
    return ""


def _facts() -> dict[str, Any]:
    known = platform()
    flow = known.flow.seen(1)
    months = [each["month"] for each in known.months.seen().value or () if each.get("dataset") == "green"]
    return {
        "job_of": known.simulator.job,
        "flow": flow,
        "traffic": traffic(flow.value) if flow.value else None,
        "rates": RATES,
        "shifts": SHIFT_WORDS,
        "months": months,
        "month": months[-1] if months else DEFAULT_MONTH,
        "max_rides": MAX_RIDES,
    }
