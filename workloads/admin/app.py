"""The Flask application: pages, sign-in, security and what they share."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from workloads.admin import errors, security, sign_in
from workloads.admin.settings import Settings

PAGES: tuple[tuple[str, str], ...] = ()


def create_app(settings: Settings) -> Flask:
    """The application; it asks for nothing and starts no thread before the first page."""
    app = Flask(__name__, static_url_path="/static")
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    limiter = security.protect(app, settings)
    sign_in.add(app, settings, limiter)
    app.context_processor(lambda: {"pages": PAGES})
    errors.add(app)

    @app.get("/healthz")
    def healthz() -> tuple[str, dict[str, str]]:
        """For the container's own check: this process answers, whatever its neighbours do."""
        return "ok\n", {"Content-Type": "text/plain"}

    return app
