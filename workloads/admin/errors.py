"""Every error as a page that says what happened and what to do; never a traceback, never raw input."""

import logging
from http import HTTPStatus

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

_TEXTS = {
    400: ("The request cannot be read", "Go back, reload the page and try again."),
    403: ("You may not do this", "Your user may look and not change. Sign in as a user with the role admin."),
    404: ("There is no such page", "The address may be old. Choose a page from the menu."),
    405: ("This address takes no such request", "Use the buttons of the pages."),
    413: ("The form is too large", "A form may have 64 KiB. Send less."),
    429: ("Too many attempts", "Wait for a minute, then try again."),
    500: (
        "Something went wrong here",
        "The log of the admin container has the details. Try again in a moment.",
    ),
}
_LOG = logging.getLogger(__name__)


class PlatformError(Exception):
    """A part of the platform does not answer, or refuses; the message says which and what to do."""


def add(app: Flask) -> None:
    """Lets the application answer every error with a page."""

    @app.errorhandler(CSRFError)
    def out_of_date(_error: CSRFError) -> ResponseReturnValue:
        return _page(
            400,
            "The form is out of date",
            "Nothing was changed. Go back, reload the page and send the form again.",
        )

    @app.errorhandler(PlatformError)
    def not_there(error: PlatformError) -> ResponseReturnValue:
        return _page(503, "A part of the platform does not answer", str(error))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response
        if isinstance(error, InternalServerError) and error.original_exception is not None:
            _LOG.error("%s %s", request.method, request.path, exc_info=error.original_exception)
        code = error.code or 500
        title, advice = _TEXTS.get(code, (HTTPStatus(code).phrase, "Choose a page from the menu."))
        return _page(code, title, advice)


def _page(code: int, title: str, advice: str) -> ResponseReturnValue:
    return render_template("error.html", title=title, advice=advice, code=code), code
