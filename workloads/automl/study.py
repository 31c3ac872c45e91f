"""A search for parameters, which goes on where it was interrupted, and which several processes share."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.study import MaxTrialsCallback
from optuna.trial import FrozenTrial, TrialState

from workloads.automl.objective import Objective
from workloads.automl.space import DEFAULTS
from workloads.automl.storage import (
    WORKER,
    Worker,
    open_database,
    open_journal,
    requeue_abandoned,
)

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
WARM_UP_TRIALS = 5  # that are finished whatever they are like, for others to be measured against

OnTrial = Callable[[optuna.Study, FrozenTrial], None]


@dataclass(frozen=True, kw_only=True)
class Search:
    """How long to search, and where the study is.

    Args:
        name: The study's.
        journal: The study's file, where `database` is empty; its processes run on one machine.
        database: A URL of SQLAlchemy's, for tasks on several machines.
        trials: Finished trials that the study is to have in the end, those of every process together.
        timeout_seconds: After which no new trial begins; None for no limit.
        jobs: Trials at the same time in this process.
        seed: Of the sampler; None for another one in each process.
    """

    name: str
    journal: Path
    database: str = ""
    trials: int
    timeout_seconds: float | None = None
    jobs: int = 1
    seed: int | None = None

    def storage(self) -> BaseStorage:
        """The database, or else the journal."""
        return open_database(self.database) if self.database else open_journal(self.journal)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search has found so far."""

    study: optuna.Study

    @property
    def finished(self) -> int:
        """The trials that came to an end, given up or not."""
        return len(self.study.get_trials(deepcopy=False, states=FINISHED))

    @property
    def default_rmse(self) -> float | None:
        """The error of the default parameters; None while they have not been judged."""
        done = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return next((trial.value for trial in done if trial.params == DEFAULTS), None)


def search(
    how: Search,
    objective: Objective,
    *,
    on_start: Callable[[Found], None] = lambda _found: None,
    on_trial: OnTrial = lambda _study, _trial: None,
) -> Found:
    """Searches until the study has enough finished trials or the time is up.

    A study that exists goes on: its finished trials stay, and those whose process was killed run again. The
    default parameters are its first trial, so that what is found is never worse on the folds.

    Args:
        how: The study and its limits.
        objective: What a trial's parameters are judged by.
        on_start: Called once before the first trial of this process.
        on_trial: Called after each trial of this process, whatever became of it.

    Raises:
        workloads.training.errors.TrainingError: the database cannot be used.
    """
    worker = Worker(how.journal.with_suffix(".workers"))
    found = _open(how, worker)
    on_start(found)
    enough = MaxTrialsCallback(how.trials, states=(*FINISHED, TrialState.RUNNING))
    deadline = None if how.timeout_seconds is None else time.monotonic() + how.timeout_seconds

    def judge(trial: optuna.Trial) -> float:
        trial.set_user_attr(WORKER, worker.name)
        return objective(trial)

    while (missing := how.trials - found.finished) > 0 and (deadline is None or time.monotonic() < deadline):
        before = len(found.study.get_trials(deepcopy=False))
        found.study.optimize(
            judge,
            n_trials=missing,
            n_jobs=how.jobs,
            timeout=None if deadline is None else max(deadline - time.monotonic(), 0),
            callbacks=[on_trial, enough],
        )
        if len(found.study.get_trials(deepcopy=False)) == before or _others_run(found.study):
            break
    return found


def _open(how: Search, worker: Worker) -> Found:
    """The study; whoever makes it queues the defaults, so that they run once."""
    options: dict[str, Any] = {
        "study_name": how.name,
        "storage": how.storage(),
        "sampler": optuna.samplers.TPESampler(seed=how.seed, multivariate=True, constant_liar=True),
        "pruner": optuna.pruners.MedianPruner(n_startup_trials=WARM_UP_TRIALS),
    }
    try:
        study = optuna.create_study(direction="minimize", **options)
    except optuna.exceptions.DuplicatedStudyError:
        study = optuna.load_study(**options)
        if not how.database:
            requeue_abandoned(study, worker)
        return Found(study=study)
    study.enqueue_trial(DEFAULTS)
    return Found(study=study)


def _others_run(study: optuna.Study) -> bool:
    """Whether the trials that are missing are at work in another process."""
    return bool(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))
