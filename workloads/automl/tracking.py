"""A study in MLflow: a run, and a run below it for each trial."""

from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
import optuna
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from optuna.trial import FrozenTrial, TrialState
from requests import RequestException

from workloads.automl.study import Found
from workloads.training import registry
from workloads.training.errors import TrainingError

_RUN = "mlflow_run_id"  # the study's attribute
_STATUS = {TrialState.COMPLETE: "FINISHED", TrialState.PRUNED: "KILLED", TrialState.FAIL: "FAILED"}


class TrialLog:
    """Logs trials by MLflow's client, which trials that run at the same time can share.

    Args:
        tracking_uri: MLflow's address.

    Raises:
        TrainingError: here and in every method: MLflow does not answer, or refuses.
    """

    def __init__(self, tracking_uri: str) -> None:
        registry.connect(tracking_uri)
        self._client = mlflow.MlflowClient()
        with _refusals():
            experiment = self._client.get_experiment_by_name(registry.EXPERIMENT)
            self._experiment = experiment.experiment_id if experiment else "0"

    def start(self, found: Found) -> None:
        """Makes the study's run, unless an earlier process did."""
        study = found.study
        if _RUN not in study.user_attrs:
            with _refusals():
                run = self._client.create_run(self._experiment, run_name=f"optimize {study.study_name}")
            study.set_user_attr(_RUN, run.info.run_id)

    def trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Logs a trial that has ended: its parameters, the errors of its folds, and how it ended."""
        tags = {MLFLOW_PARENT_RUN_ID: study.user_attrs[_RUN], "trial_state": trial.state.name}
        folds = [
            Metric(key="valid_rmse", value=value, timestamp=0, step=step)
            for step, value in sorted(trial.intermediate_values.items())
        ]
        with _refusals():
            run = self._client.create_run(
                self._experiment, run_name=f"{study.study_name} trial {trial.number}", tags=tags
            )
            self._client.log_batch(
                run.info.run_id,
                metrics=folds,
                params=[Param(name, str(value)) for name, value in trial.params.items()],
            )
            self._client.set_terminated(run.info.run_id, status=_STATUS[trial.state])

    def finish(self, found: Found, best: FrozenTrial) -> None:
        """Logs the best parameters to the study's run."""
        run_id = found.study.user_attrs[_RUN]
        with _refusals():
            self._client.log_batch(
                run_id,
                metrics=[Metric(key="valid_rmse", value=best.value or 0.0, timestamp=0, step=found.finished)],
                tags=[RunTag(f"best_{name}", str(value)) for name, value in best.params.items()],
            )
            self._client.set_terminated(run_id)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (MlflowException, RequestException) as error:
        raise TrainingError(f"MLflow at {mlflow.get_tracking_uri()} refused: {error}") from error
