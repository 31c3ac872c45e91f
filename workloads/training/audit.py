"""The audit trail: a run in MLflow for every move of an alias, with who was served before and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mlflow
from mlflow.entities import Run

from workloads.training.registered import AUDIT_EXPERIMENT


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A move of an alias, or a decision against one.

    Args:
        action: `train`, `promote`, `rollback`, `reconcile` or `refuse`.
        alias: The alias.
        version: The version that gets it.
        previous: The version that the predictor was served before, empty for none.
        reason: In words.
    """

    action: str
    alias: str
    version: str
    previous: str
    reason: str = ""


def begin(model: str, entry: Entry, figures: Mapping[str, Any]) -> str:
    """Writes down what is about to happen, before it does; gives the run's id.

    A run that was cut off before the end is found by `pending`, and is not begun again.
    """
    client = mlflow.MlflowClient()
    tags = {"model": model, **vars(entry)}
    run = client.create_run(_experiment(client), tags=tags, run_name=f"{entry.action} {entry.version}")
    client.log_dict(run.info.run_id, {**tags, **figures}, "decision.json")
    return str(run.info.run_id)


def finish(run_id: str) -> None:
    """Marks the run as done."""
    mlflow.MlflowClient().set_terminated(run_id)


def abandon(run_id: str) -> None:
    """Marks a run as one that another decision came before: what it began never took effect."""
    mlflow.MlflowClient().set_terminated(run_id, status="KILLED")


def pending(model: str, alias: str) -> tuple[str, Entry] | None:
    """The run that was begun and not finished, and its entry; None when there is none."""
    found = _search(model, alias, "attributes.status = 'RUNNING'")
    return (found[0].info.run_id, _entry(found[0])) if found else None


def previous(model: str, alias: str, version: str) -> str:
    """The version that a version took the place of when it was trained or promoted, empty for none."""
    condition = f"tags.version = '{version}' and attributes.status != 'KILLED'"
    entries = [_entry(run) for run in _search(model, alias, condition)]
    return next((each.previous for each in entries if each.action not in ("rollback", "refuse")), "")


def _search(model: str, alias: str, condition: str) -> list[Run]:
    """The latest first."""
    client = mlflow.MlflowClient()
    asked = f"tags.model = '{model}' and tags.alias = '{alias}' and {condition}"
    return list(client.search_runs([_experiment(client)], asked, order_by=["attributes.start_time DESC"]))


def _entry(run: Run) -> Entry:
    return Entry(**{name: run.data.tags.get(name, "") for name in Entry.__dataclass_fields__})


def _experiment(client: mlflow.MlflowClient) -> str:
    found = client.get_experiment_by_name(AUDIT_EXPERIMENT)
    return str(found.experiment_id if found else client.create_experiment(AUDIT_EXPERIMENT))
