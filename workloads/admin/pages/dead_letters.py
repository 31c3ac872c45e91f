"""Batches that Lambda gave up on: what they are, and one more delivery of each."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workloads.admin.deadline import in_time
from workloads.admin.errors import PlatformError
from workloads.admin.platform import WAIT_SECONDS, platform
from workloads.admin.redriving import Letter

pages = Blueprint("dead_letters", __name__, url_prefix="/dead-letters")


@pages.get("")
def page() -> str:
    """The page, with some of the messages."""
    facts, problem = _facts(), ""
    letters: list[Letter] = []
    try:
        bodies = [] if _busy() else in_time("SQS", platform().cloud.messages)
        letters = [Letter.of(body) for body in bodies]
    except PlatformError as error:
        problem = str(error)
    return render_template("dead_letters.html", letters=letters, problem=problem, **facts)


@pages.get("/live")
def live() -> str:
    """How many there are, and how the redrive goes."""
    return render_template("_dead_letters.html", **_facts())


@pages.get("/redrive")
def confirm() -> str:
    """Asks whether every batch is to be delivered once more."""
    return render_template("confirm_redrive.html", **_facts())


@pages.post("/redrive")
def redrive() -> ResponseReturnValue:
    """Begins a redrive."""
    if platform().redriving.start(g.user.name, accept_loss=request.form.get("accept_loss") == "yes"):
        flash("The redrive has begun.", "done")
    else:
        flash("A redrive is on its way already.", "error")
    return redirect(url_for("dead_letters.page"))


def _busy() -> bool:
    run = platform().redriving.last
    return bool(run and run.running)


def _facts() -> dict[str, Any]:
    known = platform()
    return {"waiting": known.dead_letters.seen(WAIT_SECONDS), "run": known.redriving.last}
