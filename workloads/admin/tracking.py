"""MLflow's registry and audit trail over its REST API: quicker to ask than its Python client to import."""

from dataclasses import dataclass
from typing import Any

import httpx

from workloads.admin.errors import PlatformError
from workloads.admin.settings import Settings
from workloads.training.registered import AUDIT_EXPERIMENT

TIMEOUT_SECONDS = 2
VERSIONS = 20
DECISIONS = 20
_MISSING = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True, kw_only=True)
class Version:
    """A registered version.

    Args:
        number: Its number.
        aliases: Of the registry.
        run_id: The training run.
        created: In milliseconds since 1970.
        source: `tlc` or `synthetic`.
        rmse: In minutes, of the validation month; None for a version that this project did not train.
        mae: The mean absolute error, likewise.
        linear_rmse: Of linear regression on the same month.
        months: To train and to validate on, as YYYY-MM.
        decision: `publish` or `refuse`, as the training decided.
        refused_for: Why.
    """

    number: str
    aliases: tuple[str, ...]
    run_id: str
    created: int
    source: str
    rmse: float | None
    mae: float | None
    linear_rmse: float | None
    months: tuple[str, str]
    decision: str
    refused_for: str


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The versions, newest first, and the latest decisions about aliases."""

    versions: tuple[Version, ...]
    decisions: tuple[dict[str, Any], ...]

    def with_alias(self, alias: str) -> Version | None:
        """The version that has the alias."""
        return next((each for each in self.versions if alias and alias in each.aliases), None)

    def version(self, number: str) -> Version | None:
        """The version of that number."""
        return next((each for each in self.versions if each.number == number), None)


class Tracking:
    """MLflow as its server answers; every method raises a PlatformError that says what to do."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        user = settings.mlflow_username
        self._client = httpx.Client(
            base_url=f"{settings.mlflow_uri.rstrip('/')}/api/2.0/mlflow/",
            auth=(user, settings.mlflow_password) if user else None,
            timeout=TIMEOUT_SECONDS,
        )

    def registry(self) -> Registry:
        """The registered versions with their runs' figures, and who moved which alias."""
        name = self._settings.model_name
        query = {"filter": f"name='{name}'", "max_results": VERSIONS, "order_by": "version_number DESC"}
        found = self._ask("GET", "model-versions/search", query).get("model_versions", [])
        registered = self._ask("GET", "registered-models/get", {"name": name}).get("registered_model", {})
        aliases: dict[str, list[str]] = {}
        for each in registered.get("aliases", ()):
            aliases.setdefault(str(each["version"]), []).append(each["alias"])
        runs = self._runs([each["run_id"] for each in found if each.get("run_id")])
        versions = [_version(each, aliases, runs.get(each.get("run_id", ""), {})) for each in found]
        return Registry(versions=tuple(versions), decisions=tuple(self._decisions()))

    def _runs(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        return {
            each: self._ask("GET", "runs/get", {"run_id": each}).get("run", {}) for each in ids[:VERSIONS]
        }

    def _decisions(self) -> list[dict[str, Any]]:
        found = self._ask("GET", "experiments/get-by-name", {"experiment_name": AUDIT_EXPERIMENT})
        if not found:
            return []
        asked = {
            "experiment_ids": [found["experiment"]["experiment_id"]],
            "filter": f"tags.model = '{self._settings.model_name}'",
            "max_results": DECISIONS,
            "order_by": ["attributes.start_time DESC"],
        }
        return [_decision(run) for run in self._ask("POST", "runs/search", asked).get("runs", ())]

    def _ask(self, method: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The answer; an empty one for what MLflow does not know."""
        try:
            given: Any = {"params": fields} if method == "GET" else {"json": fields}
            answer = self._client.request(method, path, **given)
            document: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PlatformError(
                f"MLflow does not answer ({type(error).__name__}); look at its container's log, and check "
                "MLFLOW_TRACKING_URI"
            ) from error
        if answer.is_success:
            return document
        if document.get("error_code") == _MISSING:
            return {}
        raise PlatformError(
            f"MLflow refuses ({answer.status_code}); check MLFLOW_TRACKING_USERNAME and _PASSWORD"
        )


def _version(found: dict[str, Any], aliases: dict[str, list[str]], run: dict[str, Any]) -> Version:
    data = run.get("data", {})
    metrics = {each["key"]: each["value"] for each in data.get("metrics", ())}
    params = {each["key"]: each["value"] for each in data.get("params", ())}
    tags = {each["key"]: each["value"] for each in data.get("tags", ())}
    number = str(found["version"])
    return Version(
        number=number,
        aliases=tuple(aliases.get(number, ())),
        run_id=found.get("run_id", ""),
        created=int(found.get("creation_timestamp", 0)),
        source=tags.get("data_source", ""),
        rmse=metrics.get("valid_rmse"),
        mae=metrics.get("valid_mae"),
        linear_rmse=metrics.get("linear_valid_rmse"),
        months=(params.get("train_month", ""), params.get("valid_month", "")),
        decision=tags.get("decision", ""),
        refused_for=tags.get("refused_for", ""),
    )


def _decision(run: dict[str, Any]) -> dict[str, Any]:
    tags = {each["key"]: each["value"] for each in run["data"].get("tags", ())}
    wanted = ("action", "alias", "version", "previous", "reason")
    done = run["info"]["status"] == "FINISHED"
    return {
        **{name: tags.get(name, "") for name in wanted},
        "at": int(run["info"]["start_time"]),
        "done": done,
    }
