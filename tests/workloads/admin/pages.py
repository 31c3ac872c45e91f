"""A person in front of the pages, who sends the forms that they hold."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORDS = {"admin": "a-password-for-admin", "viewer": "a-password-for-viewer"}
ENVIRONMENT = {
    "ADMIN_PASSWORD": PASSWORDS["admin"],
    "ADMIN_VIEWER_PASSWORD": PASSWORDS["viewer"],
    "ADMIN_SESSION_KEY": "a-key-of-this-test",
    "AWS_REGION": "us-east-1",
    "DATA_BUCKET": "data",
    "REPORTS_BUCKET": "reports",
    "KINESIS_STREAM_NAME": "rides",
    "PREDICTOR_FUNCTION_NAME": "predictor",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",  # nobody listens there
}
_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass(frozen=True)
class Person:
    """A browser with its cookies."""

    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, fields: dict[str, Any] | None = None, *, form: str = "") -> TestResponse:
        """Sends fields with the token of the page `form`."""
        found = _TOKEN.search(self.get(form or path).text)
        assert found
        return self.client.post(path, data={**(fields or {}), "csrf_token": found[1]})

    def signed_in(self, user: str) -> "Person":
        assert self.sign_in(user).status_code == 302
        return self

    def sign_in(self, user: str, password: str = "") -> TestResponse:
        return self.post("/sign-in", {"user": user, "password": password or PASSWORDS[user]})
