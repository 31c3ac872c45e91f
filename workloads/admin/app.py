"""The Flask application: pages, sign-in, security and what they share."""

from datetime import UTC, datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from workloads.admin import deadline, errors, platform, security, sign_in
from workloads.admin.pages import (
    data,
    dead_letters,
    drift,
    models,
    overview,
    predict,
    predictions,
    runs,
    simulator,
    status,
)
from workloads.admin.settings import Settings
from workloads.admin.zone_map import all_zones

PAGES = (
    ("overview.page", "Overview"),
    ("predict.page", "Predict"),
    ("simulator.page", "Simulator"),
    ("predictions.page", "Predictions"),
    ("models.page", "Models"),
    ("drift.page", "Drift"),
    ("data.page", "Data"),
    ("runs.page", "Runs"),
    ("dead_letters.page", "Dead letters"),
)


def create_app(settings: Settings) -> Flask:
    """The application; it asks for nothing and starts no thread before a page needs it."""
    app = Flask(__name__, static_url_path="/static")
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    deadline.add(app)
    limiter = security.protect(app, settings)
    sign_in.add(app, settings, limiter)
    errors.add(app)
    platform.add(app, settings)
    for each in (overview, predict, simulator, predictions, models, drift, data, runs, dead_letters, status):
        app.register_blueprint(each.pages)
    app.context_processor(lambda: {"pages": PAGES})
    zones = {zone.number: zone.name for zone in all_zones()}
    app.add_template_filter(lambda number: zones.get(number, f"zone {number}"), "zone")
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_since, "since")

    @app.get("/healthz")
    def healthz() -> tuple[str, dict[str, str]]:
        """For the container's own check: this process answers, whatever its neighbours do."""
        return "ok\n", {"Content-Type": "text/plain"}

    return app


def _since(moment: datetime) -> str:
    """A time of today or of long ago, short enough for a card."""
    return moment.strftime("%-d %b, %H:%M UTC")


def _moment(seconds: float) -> str:
    """Seconds since 1970 as a person reads them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
