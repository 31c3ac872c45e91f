"""Signing in, with a password or through the load balancer, and what each user is refused."""

import hmac
import time
from urllib.parse import urlsplit

from flask import Flask, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from workloads.admin.oidc import LoadBalancerKeys
from workloads.admin.security import SESSION
from workloads.admin.settings import Settings
from workloads.admin.users import User

_OPEN = frozenset({"sign_in", "healthz", "static", "status.page", "status.document"})


def add(app: Flask, settings: Settings, limiter: Limiter) -> None:
    """Lets nobody see a page who has not signed in, and no viewer send a form."""
    keys = LoadBalancerKeys(settings)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        g.user = keys.user(request.headers.get("X-Amzn-Oidc-Data", "")) or _of_session()
        return _refusal()

    @app.context_processor
    def user() -> dict[str, User | None]:
        return {"user": g.get("user")}

    @app.route("/sign-in", methods=["GET", "POST"])
    @limiter.limit("10 per minute", methods=["POST"], deduct_when=_refused)
    def sign_in() -> ResponseReturnValue:
        return _sign_in(settings)

    @app.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        session.clear()
        return redirect(url_for("sign_in"))


def _refusal() -> ResponseReturnValue | None:
    """What this request is answered without reaching its page; None where it may."""
    if request.endpoint in _OPEN:
        return None
    if g.user is None:
        return _to_sign_in()
    looks = request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint == "sign_out"
    return None if looks or g.user.may_change else abort(403)


def _sign_in(settings: Settings) -> ResponseReturnValue:
    if request.method == "GET":
        return render_template("sign_in.html")
    name = request.form.get("user", "")
    if _matches(settings, name, request.form.get("password", "")):
        session.clear()
        session.permanent = True
        session.update(user=name, since=int(time.time()))
        return redirect(_own(request.args.get("to", "")))
    flash("The user or the password is wrong.", "error")
    return render_template("sign_in.html"), 401


def _of_session() -> User | None:
    name = session.get("user")
    if name not in ("admin", "viewer") or time.time() - session.get("since", 0) > SESSION.total_seconds():
        return None
    return User(name=name, role=name)


def _matches(settings: Settings, name: str, password: str) -> bool:
    expected = {"admin": settings.admin_password, "viewer": settings.viewer_password}.get(name, "")
    # Compared even where there is no such user, so that the time says nothing.
    return hmac.compare_digest(expected.encode(), password.encode()) and bool(expected)


def _refused(response: object) -> bool:
    return getattr(response, "status_code", 0) == 401


def _to_sign_in() -> ResponseReturnValue:
    if request.headers.get("X-Live"):  # a part of a page: the script goes to the sign-in page itself
        return "", 401
    if "user" in session or (not session and request.cookies.get("admin")):
        session.clear()
        flash("Your session has ended. Sign in again.", "error")
    return redirect(url_for("sign_in", to=request.path if request.method == "GET" else None))


def _own(target: str) -> str:
    """A path of this application, whatever the address in the browser asks for."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    return target if safe else "/"
