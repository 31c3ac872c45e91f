"""What a person would do first: log in to Airflow and run a DAG, log in to MLflow and keep an artifact."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from ops.local.errors import LocalRunError

DAG = "platform_check"
DAG_SECONDS = 90.0
TEXT = b"kept by the server, not by the client"


def airflow(url: str, password: str, wait: Callable[[], None]) -> float:
    """Logs in as admin and runs a DAG; gives its seconds. `wait` is called between looks.

    Raises:
        LocalRunError: a wrong password got in, the right one did not, or the run failed.
    """
    with httpx.Client(base_url=url, timeout=30) as client:
        if client.post("/auth/token", json={"username": "admin", "password": "wrong"}).is_success:
            raise LocalRunError("Airflow lets admin in with a wrong password")
        token = _ok(client.post("/auth/token", json={"username": "admin", "password": password}))
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        _until_parsed(client, wait)
        started = time.monotonic()
        run = _ok(client.post(f"/api/v2/dags/{DAG}/dagRuns", json={"logical_date": None}))
        while time.monotonic() < started + DAG_SECONDS:
            state = _ok(client.get(f"/api/v2/dags/{DAG}/dagRuns/{run['dag_run_id']}"))["state"]
            if state == "success":
                return time.monotonic() - started
            if state == "failed":
                raise LocalRunError(f"the DAG {DAG} failed; its logs are in the folder airflow-logs")
            wait()
    raise LocalRunError(f"the DAG {DAG} was still {state} after {DAG_SECONDS:.0f} s")


def mlflow(url: str, password: str) -> None:
    """Logs in as admin, makes an experiment, and keeps and reads an artifact through the server.

    Raises:
        LocalRunError: anybody gets in, or admin does not, or the artifact is not what was sent.
    """
    with httpx.Client(base_url=url, timeout=60) as client:
        listing = "/api/2.0/mlflow/experiments/search?max_results=1"
        for auth in (None, ("admin", "wrong")):
            if client.get(listing, auth=auth).status_code != httpx.codes.UNAUTHORIZED:
                raise LocalRunError(f"MLflow lets {'anybody' if auth is None else 'a wrong password'} in")
        client.auth = ("admin", password)
        _ok(client.post("/api/2.0/mlflow/experiments/create", json={"name": f"rehearsal-{time.time_ns()}"}))
        artifact = "/api/2.0/mlflow-artifacts/artifacts/rehearsal/note.txt"
        _ok(client.put(artifact, content=TEXT))
        if client.get(artifact).content != TEXT:
            raise LocalRunError("MLflow gave another artifact back than it got")


def status(url: str, wait: Callable[[], None], seconds: float = 40.0) -> None:
    """Waits until the status page says that everything is up.

    Raises:
        LocalRunError: it does not.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        page = httpx.get(f"{url}/status.json", timeout=10)
        if page.is_success and '"down"' not in page.text and page.json():
            return
        wait()
    raise LocalRunError(f"the status page does not see everything up: {page.text}")


def _until_parsed(client: httpx.Client, wait: Callable[[], None], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while client.get(f"/api/v2/dags/{DAG}").status_code == httpx.codes.NOT_FOUND:
        if time.monotonic() > deadline:
            raise LocalRunError(f"Airflow did not find the DAG {DAG} within {seconds:.0f} s")
        wait()


def _ok(response: httpx.Response) -> Any:
    if not response.is_success:
        raise LocalRunError(f"{response.request.url} answered {response.status_code}: {response.text[:300]}")
    return response.json() if response.content else None
