"""Airflow's DAG runs, over its REST API v2."""

from typing import Any

import httpx

from workloads.admin.errors import PlatformError
from workloads.admin.settings import Settings

TIMEOUT_SECONDS = 2
RUNS = 25


class Airflow:
    """Airflow as its API server answers; every method raises a PlatformError that says what to do."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = httpx.Client(base_url=settings.airflow_url.rstrip("/"), timeout=TIMEOUT_SECONDS)

    def health(self) -> dict[str, str]:
        """The state of each component, such as `{"scheduler": "healthy"}`."""
        answer = self._answer("GET", "/api/v2/monitor/health")
        return {
            name: str(part["status"])
            for name, part in answer.items()
            if isinstance(part, dict) and part.get("status")
        }

    def runs(self) -> list[dict[str, Any]]:
        """The latest runs of all DAGs, newest first."""
        path = f"/api/v2/dags/~/dagRuns?limit={RUNS}&order_by=-run_after"
        if "Authorization" not in self._client.headers:
            self._log_in()
        return list(self._answer("GET", path).get("dag_runs", ()))

    def _log_in(self) -> None:
        login = {"username": self._settings.airflow_username, "password": self._settings.airflow_password}
        token = self._answer("POST", "/auth/token", json=login).get("access_token", "")
        self._client.headers["Authorization"] = f"Bearer {token}"

    def _answer(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **more)
            if answer.status_code in (401, 403):
                self._client.headers.pop("Authorization", None)  # tokens end: the next look logs in again
                raise PlatformError(
                    f"Airflow refuses ({answer.status_code}); check AIRFLOW_USERNAME and AIRFLOW_PASSWORD"
                )
            document: dict[str, Any] = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise PlatformError(
                f"Airflow does not answer ({type(error).__name__}); look at its API server's log, and check "
                "AIRFLOW_URL"
            ) from error
        return document
