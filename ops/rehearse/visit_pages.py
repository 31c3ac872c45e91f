"""What a person would do first on the pages: sign in to the admin GUI, look whether everything is up."""

import re
import time

import httpx

from ops.local.errors import LocalRunError
from ops.rehearse.visit import ANSWER_SECONDS, Wait, host_header


def admin(url: str, password: str, *, host: str = "") -> None:
    """Signs in to the admin GUI, and reads its first page.

    Raises:
        LocalRunError: anybody gets in, or admin does not.
    """
    with httpx.Client(base_url=url, timeout=ANSWER_SECONDS, headers=host_header(host)) as client:
        form = client.get("/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
        if token is None:
            raise LocalRunError(f"{form.request.url} shows no form to sign in with: {form.text[:300]}")
        fields = {"csrf_token": token[1], "user": "admin"}
        for word in ("wrong", password):
            client.post("/sign-in", data={**fields, "password": word})
            let_in = client.get("/").is_success  # anybody else is sent to the form
            if let_in != (word == password):
                raise LocalRunError(f"the admin GUI {'lets anybody' if let_in else 'does not let admin'} in")
        page = client.get("/").text
        if "Overview" not in page:
            raise LocalRunError(f"the admin GUI's first page is not its overview: {page[:300]}")


def status(url: str, wait: Wait, seconds: float = ANSWER_SECONDS) -> None:
    """Waits until the status page says that everything is up.

    Raises:
        LocalRunError: it does not.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        page = httpx.get(f"{url}/status.json", timeout=ANSWER_SECONDS)
        if page.is_success and page.json()["healthy"]:
            return
        wait()
    raise LocalRunError(f"the status page does not see everything up: {page.text[:1000]}")
