"""The status page, for who has not signed in: on Fargate it has no instance and no port of its own."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from workloads.admin.platform import platform
from workloads.status.page import POLICY, html

pages = Blueprint("status", __name__)


@pages.get("/status")
def page() -> Response:
    """What is up and what was in the last 24 hours, as `workloads.status` shows it."""
    headers = {"Content-Security-Policy": POLICY}
    return Response(html(platform().board.report()), content_type="text/html; charset=utf-8", headers=headers)


@pages.get("/status.json")
def document() -> ResponseReturnValue:
    """The same for a program; 503 where not everything is up."""
    report = platform().board.report()
    return jsonify(report), HTTPStatus.OK if report["healthy"] else HTTPStatus.SERVICE_UNAVAILABLE
