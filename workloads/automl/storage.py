"""Where a study lives: a journal for the processes of one machine, or a database for tasks on several.

A journal is a file that is only ever appended to, so that a process which is killed loses the trial at hand
and no other. It has no heartbeats: each process holds a lock on a file of its own while it lives, which the
kernel releases whatever ends it, and a trial whose process has gone is put into the queue again.
"""

import fcntl
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import uuid4

import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

from workloads.training.errors import TrainingError

HEARTBEAT_SECONDS, GRACE_SECONDS = 30, 120
RETRIES = 3  # of a trial whose process was killed
_ATTEMPTS = 5  # at opening a database that other tasks may be making tables in
WORKER = "worker"  # a trial's attribute
_UNNAMED = timedelta(minutes=1)  # how long a trial may run before it says whose it is

optuna.logging.set_verbosity(optuna.logging.WARNING)
logging.captureWarnings(True)


class Worker:
    """This process, as trials name it: alive as long as it holds its lock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid4().hex
        self._folder = folder
        self._lock: IO[bytes] = (folder / self.name).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Whether the process that is called `name` runs on this machine."""
        path = self._folder / name
        if not path.exists():
            return False
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def open_database(url: str) -> RDBStorage:
    """A study's database; tasks tell each other by heartbeats that they live.

    Raises:
        TrainingError: the database does not answer, or refuses; the message does not hold its password.
    """
    # SQLAlchemy 2.1 takes the bare name for psycopg 3, which is not installed.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", url)
    attempts = 0
    while True:
        attempts += 1
        try:
            return RDBStorage(
                url,
                # TCP may keep a connection open to a database that has gone: ask before each use.
                engine_kwargs={"pool_pre_ping": True},
                heartbeat_interval=HEARTBEAT_SECONDS,
                grace_period=GRACE_SECONDS,
                heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=RETRIES),
            )
        except (SQLAlchemyError, ImportError) as error:
            # Another task may be making the same tables just now.
            if isinstance(error, IntegrityError | ProgrammingError) and attempts < _ATTEMPTS:
                continue
            reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise TrainingError(
                f"STUDY_DATABASE_URL: the database cannot be used ({reason}); give it as "
                "postgresql://USER:PASSWORD@HOST:5432/NAME, or leave it out for a journal"
            ) from None


def open_journal(path: Path) -> JournalStorage:
    """A study's journal, in `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return JournalStorage(JournalFileBackend(str(path)))


def requeue_abandoned(study: optuna.Study, worker: Worker) -> None:
    """Puts trials of processes that are gone into the queue again."""
    retry = RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)
    abandoned = [one for one in study.get_trials(states=(TrialState.RUNNING,)) if _is_abandoned(one, worker)]
    for trial in abandoned:
        try:
            study.tell(trial.number, state=TrialState.FAIL)
        except (ValueError, optuna.exceptions.UpdateFinishedTrialError):
            continue  # another process was faster
        trial.user_attrs = {}  # the next process to take it gives its own name
        retry(study, trial)


def _is_abandoned(trial: FrozenTrial, worker: Worker) -> bool:
    owner = trial.user_attrs.get(WORKER)
    if owner:
        return not worker.is_alive(owner)
    started = trial.datetime_start
    return started is None or datetime.now(UTC) - started.astimezone(UTC) > _UNNAMED
