"""What holds for every answer: headers, sessions, form tokens and rates."""

import hashlib
from datetime import timedelta

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from workloads.admin.settings import Settings

SESSION = timedelta(hours=8)
MAX_FORM_BYTES = 64 * 1024
CHANGES = "60 per minute"  # of all forms together, from one address
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Sessions(SecureCookieSessionInterface):
    """Cookies that are sent over TLS alone, where the request came over TLS."""

    def get_cookie_secure(self, _app: Flask) -> bool:
        return request.is_secure


def protect(app: Flask, settings: Settings) -> Limiter:
    """Sets the application's limits, and the headers of all of its answers; gives what limits rates."""
    passwords = "\n".join((settings.session_key, settings.admin_password, settings.viewer_password))
    app.config.update(
        # Of the passwords too: who changes one ends all sessions.
        SECRET_KEY=hashlib.sha256(passwords.encode()).digest(),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_PARTS=100,
        PERMANENT_SESSION_LIFETIME=SESSION,
        SESSION_COOKIE_NAME="admin",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # a token is valid as long as its session
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.session_interface = _Sessions()
    CSRFProtect(app)
    app.after_request(_with_headers)
    return Limiter(
        get_remote_address,
        app=app,
        storage_uri="memory://",  # one process serves everything
        application_limits=[CHANGES],
        application_limits_exempt_when=lambda: request.method in ("GET", "HEAD", "OPTIONS"),
    )


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=86400"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
