"""Moving aliases: by hand, in MLflow itself, and by a run that was cut off."""

import json
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from tests.workloads.training.conftest import BUCKET, NAME, Platform
from tests.workloads.training.cut import cut_after
from workloads.training import audit, registry
from workloads.training.__main__ import app
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError
from workloads.training.publish import DataBucket
from workloads.training.registered import AUDIT_EXPERIMENT, RegisteredModel
from workloads.training.versions import promote, reconcile, rollback

MODEL = RegisteredModel(name=NAME, alias="current", challenger_alias="shadow")


class Versions:
    """A platform with registered versions that need no training: copies of one bundle."""

    def __init__(self, platform: Platform, packed: Bundle) -> None:
        self.platform, self.bucket = platform, DataBucket(BUCKET)
        registry.connect(platform.uri)
        client = MlflowClient()
        client.create_registered_model(NAME)
        for number in ("1", "2", "3"):
            with registry.run(f"training {number}") as run_id:
                manifest = {**json.loads(packed.manifest), "version": number, "run_id": run_id}
                bundle = Bundle(model=packed.model, manifest=json.dumps(manifest).encode(), reference=b"{}")
                registry.log_bundle(bundle)
            client.create_model_version(NAME, f"runs:/{run_id}/model", run_id)

    def entries(self) -> list[tuple[str, str, str]]:
        """Of the audit trail, oldest first: the action, the version and the one before."""
        client = MlflowClient()
        experiment = client.get_experiment_by_name(AUDIT_EXPERIMENT)
        assert experiment
        runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
        assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
        done = [run for run in runs if run.info.status == "FINISHED"]
        return [tuple(run.data.tags[name] for name in ("action", "version", "previous")) for run in done]  # type: ignore[misc]


@pytest.fixture
def made(platform: Platform, packed: Bundle) -> Versions:
    return Versions(platform, packed)


def test_promote_and_roll_back(made: Versions) -> None:
    for version in ("1", "2", "3"):
        promote(MODEL, version, made.bucket, reason="by hand")
    assert made.platform.versions() == ("3", "3")
    assert rollback(MODEL, "", made.bucket, reason="by hand").version == "2"
    assert rollback(MODEL, "", made.bucket, reason="by hand").version == "1"
    assert made.platform.versions() == ("1", "1")
    assert made.entries()[-2:] == [("rollback", "2", "3"), ("rollback", "1", "2")]


def test_roll_back_to_a_version(made: Versions) -> None:
    for version in ("1", "2", "3"):
        promote(MODEL, version, made.bucket, reason="by hand")
    assert rollback(MODEL, "1", made.bucket, reason="by hand").previous == "3"
    assert made.platform.versions() == ("1", "1")


def test_nothing_to_roll_back_to(made: Versions) -> None:
    promote(MODEL, "1", made.bucket, reason="by hand")
    with pytest.raises(TrainingError, match="no version before 1 is on record; name one with --to"):
        rollback(MODEL, "", made.bucket, reason="by hand")


def test_promote_again_changes_nothing(made: Versions) -> None:
    promote(MODEL, "1", made.bucket, reason="by hand")
    assert not promote(MODEL, "1", made.bucket, reason="by hand").changed
    assert len(made.entries()) == 1


def test_version_that_does_not_exist(made: Versions) -> None:
    with pytest.raises(TrainingError, match="version 9 cannot be had from MLflow"):
        promote(MODEL, "9", made.bucket, reason="by hand")


def test_alias_moved_in_mlflow(made: Versions) -> None:
    """The predictor follows, and the trail says from which version."""
    promote(MODEL, "1", made.bucket, reason="by hand")
    MlflowClient().set_registered_model_alias(NAME, "current", "3")
    MlflowClient().set_registered_model_alias(NAME, "shadow", "2")
    assert [each.changed for each in reconcile(MODEL, made.bucket)] == [True, True]
    assert made.platform.versions("current") == ("3", "3")
    assert made.platform.versions("shadow") == ("2", "2")
    assert [each.changed for each in reconcile(MODEL, made.bucket)] == [False, False]
    assert ("reconcile", "3", "1") in made.entries()


def test_alias_of_a_version_without_bundle(made: Versions) -> None:
    """The predictor keeps what it has."""
    promote(MODEL, "1", made.bucket, reason="by hand")
    MlflowClient().create_model_version(NAME, "runs:/none/model")
    MlflowClient().set_registered_model_alias(NAME, "current", "4")
    with pytest.raises(TrainingError, match="choose a version that this project trained"):
        [*reconcile(MODEL, made.bucket)]
    assert made.platform.document(f"models/{NAME}/current.json")["version"] == "1"


def test_lineage_of_what_is_reconciled(made: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    """From MLflow's version to the bundle and the pointer; when nothing moved, nothing was written."""
    for name, value in {"DAG_ID": "d", "TASK_ID": "t", "DAG_RUN_ID": "r"}.items():
        monkeypatch.setenv(f"AIRFLOW_CTX_{name}", value)
    promote(MODEL, "1", made.bucket, reason="by hand")
    MlflowClient().set_registered_model_alias(NAME, "current", "3")
    words = ["reconcile", "--tracking-uri", made.platform.uri, "--data-bucket", BUCKET, "--model-name", NAME]
    written = []
    for attempt in ("1", "2"):
        monkeypatch.setenv("AIRFLOW_CTX_TRY_NUMBER", attempt)
        before = made.platform.objects()
        assert CliRunner().invoke(app, [*words, "--model-alias", "current"]).exit_code == 0
        (key,) = (each for each in made.platform.objects() - before if each.endswith("complete.json"))
        event = made.platform.document(key)
        (read,) = event["inputs"]
        assert read["name"].endswith(f"models/{NAME}/versions/3")
        written.append({each["name"] for each in event["outputs"]})
    assert written == [{f"models/{NAME}/current.json", f"models/{NAME}/versions/3/model.ubj"}, set()]


@pytest.mark.parametrize("action", ["promote", "rollback", "reconcile"])
@pytest.mark.parametrize("step", ["begin", "set_alias", "upload", "point"])
def test_cut_off_anywhere(made: Versions, step: str, action: str) -> None:
    """Before or after each step; doing it again ends where one run would have, on record once."""
    for version in ("1", "2"):
        promote(MODEL, version, made.bucket, reason="by hand")
    if action == "reconcile":
        MlflowClient().set_registered_model_alias(NAME, "current", "3")
    owner: Any = {"begin": audit, "set_alias": registry}.get(step, DataBucket)

    def run() -> None:
        if action == "promote":
            promote(MODEL, "3", made.bucket, reason="by hand")
        elif action == "reconcile":
            [*reconcile(MODEL, made.bucket)]
        else:
            rollback(MODEL, "", made.bucket, reason="by hand")

    with cut_after(owner, step), pytest.raises(KeyboardInterrupt):
        run()
    run()
    version = "1" if action == "rollback" else "3"
    assert made.platform.versions() == (version, version)
    assert made.entries()[2:] == [(action, version, "2")]


def test_another_version_after_a_cut(made: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rollback that never moved anything does not say where a later one goes to."""
    for version in ("1", "2"):
        promote(MODEL, version, made.bucket, reason="by hand")
    with monkeypatch.context() as patch:
        patch.setattr(registry, "set_alias", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            rollback(MODEL, "", made.bucket, reason="by hand")
    promote(MODEL, "3", made.bucket, reason="by hand")
    assert audit.pending(NAME, "current") is None
    assert rollback(MODEL, "", made.bucket, reason="by hand").version == "2"
    assert made.entries()[2:] == [("promote", "3", "2"), ("rollback", "2", "3")]


def test_audit_trail_holds_the_figures(made: Versions) -> None:
    promote(MODEL, "1", made.bucket, reason="better in the shadow", figures={"gain": 0.2})
    client = MlflowClient()
    experiment = client.get_experiment_by_name(AUDIT_EXPERIMENT)
    assert experiment
    (run,) = client.search_runs([experiment.experiment_id])
    found = mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/decision.json")
    assert (found["reason"], found["gain"]) == ("better in the shadow", 0.2)
