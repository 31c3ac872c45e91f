"""What scores rides beside the function: the prediction service, and AutoML's task for whole months."""

import json
import time
from urllib.parse import urljoin

import httpx

from ops.local.errors import LocalRunError
from ops.rehearse.containers.account import AUTOML, MONTHS
from ops.rehearse.containers.project import Project
from ops.rehearse.visit import Wait

READY_SECONDS = 300.0  # a limit: the service looks for a model once a minute
_RIDE = {"ride_id": 1, "ride": {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.5}}


def serve(url: str, wait: Wait) -> float:
    """Waits until the service is ready for the load balancer, and has a ride scored; gives seconds.

    Raises:
        LocalRunError: it is not, or answers something else than minutes.
    """
    began = time.monotonic()
    while (ready := httpx.get(urljoin(url, "/ready"))).status_code != httpx.codes.OK:
        if time.monotonic() > began + READY_SECONDS:
            raise LocalRunError(f"the prediction service is not ready: {ready.status_code} {ready.text}")
        wait()
    answer = httpx.post(url, json=_RIDE)
    if not answer.is_success or not 0 < answer.json()["ride_duration"] < 60:
        raise LocalRunError(f"{url} answered {answer.status_code}: {answer.text[:300]}")
    return round(time.monotonic() - began, 1)


def batch(project: Project) -> float:
    """Has AutoML's container say what it takes, and score a month by the current model; gives seconds.

    Raises:
        LocalRunError: it failed, or scored nothing.
    """
    began, run = time.monotonic(), ("--profile", AUTOML, "run", "--rm", "--no-TTY", f"{AUTOML}-predict")
    project.compose(*run)
    said = project.compose(*run, "predict", "--month", MONTHS[-1], "--json")
    scored = json.loads(said[said.index("{") :])["scored"]
    if not scored:
        raise LocalRunError(f"AutoML's task scored nothing: {said[-300:]}")
    return round(time.monotonic() - began, 1)
