"""The registered versions with their figures; which one predicts, and the buttons that change it."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workloads.admin.platform import WAIT_SECONDS, platform

pages = Blueprint("models", __name__, url_prefix="/models")
MAX_REASON = 300


@pages.get("")
def page() -> str:
    """The page."""
    return render_template("models.html", **_facts())


@pages.get("/live")
def live() -> str:
    """Its part that changes."""
    return render_template("_models.html", **_facts())


@pages.get("/promote/<number>")
def confirm_promotion(number: str) -> str:
    """Asks whether a version is to become the current one, with both versions' figures."""
    return _confirm("promote", number)


@pages.get("/rollback")
def confirm_rollback() -> str:
    """Asks whether the version before is to become the current one again."""
    return _confirm("rollback", "")


@pages.post("/promote/<number>")
def promote(number: str) -> ResponseReturnValue:
    """Makes a version the current one, by the command that DAGs and `ops stack promote` run."""
    if not number.isdecimal():
        abort(404)
    return _start(f"Promote version {number}", ["promote", number])


@pages.post("/rollback")
def rollback() -> ResponseReturnValue:
    """Makes the version before the current one again, by the command that `ops stack rollback` runs."""
    return _start("Roll back to the version before", ["rollback"])


def _confirm(action: str, number: str) -> str:
    facts = _facts()
    registry = facts["registry"].value
    version = registry.version(number) if registry else None
    if action == "promote" and registry and version is None:
        abort(404)
    return render_template("confirm_model.html", action=action, number=number, version=version, **facts)


def _start(title: str, command: list[str]) -> ResponseReturnValue:
    reason = " ".join(request.form.get("reason", "").split())[:MAX_REASON]
    if not reason:
        flash("Say why: the reason goes on record.", "error")
        return redirect(request.path)
    arguments = ["workloads.training", *command, f"--reason={g.user.name}: {reason}", "--json"]
    if platform().model_job.start(title, g.user.name, arguments):
        flash(f"{title}: begun. It takes a few seconds.", "done")
    else:
        flash("Another change of the model is on its way; wait until it is done.", "error")
    return redirect(url_for("models.page"))


def _facts() -> dict[str, Any]:
    known = platform()
    settings = known.settings
    registry, pointers = known.registry.seen(WAIT_SECONDS), known.pointers.seen(0.5)
    champion = registry.value.with_alias(settings.model_alias) if registry.value else None
    challenger = registry.value.with_alias(settings.challenger_alias) if registry.value else None
    return {
        "registry": registry,
        "pointer": (pointers.value or {}).get(settings.model_alias),
        "champion": champion,
        "challenger": challenger,
        "job_of": known.model_job.job,
        "settings": settings,
        "max_reason": MAX_REASON,
    }
