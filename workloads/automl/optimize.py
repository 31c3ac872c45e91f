"""The first task: find parameters, and leave them in the data bucket."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from workloads.automl.bucket import Bucket, read_json
from workloads.automl.objective import Objective, Progress
from workloads.automl.space import with_defaults
from workloads.automl.study import Found, Search, search
from workloads.automl.tracking import TrialLog
from workloads.data.quality import require, rides
from workloads.training import growing
from workloads.training.errors import SettingError, TrainingError
from workloads.training.growing import Parameters

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Best:
    """What a study has found: the parameters of its best trial, and errors in minutes on its folds."""

    study: str
    month: str
    parameters: dict[str, Any]
    trial: int
    trials: int
    rmse: float
    default_rmse: float | None

    def __str__(self) -> str:
        gain = f", the defaults' is {self.default_rmse:.4f}" if self.default_rmse else ""
        return (
            f"study {self.study}: trial {self.trial} of {self.trials} is the best, with an RMSE of "
            f"{self.rmse:.4f} minutes on later days of {self.month}{gain}"
        )


def valid_study(name: str) -> str:
    """`name` itself, which becomes a part of keys in S3.

    Raises:
        SettingError: it cannot be one.
    """
    if not _NAME.fullmatch(name):
        raise SettingError(
            f"STUDY, --study: got {name!r}, allowed: letters, digits, _, . and -, 100 at most, the first a "
            "letter or digit"
        )
    return name


def optimize(
    how: Search,
    month: str,
    path: Path,
    *,
    bucket: Bucket,
    log: TrialLog,
    progress: Progress,
    on_round: growing.Progress,
) -> Best:
    """Searches on a month's file; a journal comes from the bucket, and goes there after each trial.

    Raises:
        workloads.data.months.DataError: the month's file cannot be used.
        TrainingError: the bucket, the database or MLflow cannot be used, or no trial came to its end.
    """
    found_rides = rides(path, month)
    require(found_rides.checks(), path)
    save = _keep_journal(how, bucket)

    def on_trial(study: optuna.Study, trial: FrozenTrial) -> None:
        save()
        log.trial(study, trial)

    objective = Objective(found_rides.frame, progress, on_round)
    found = search(how, objective, on_start=log.start, on_trial=on_trial)
    best = _best(found, month)
    log.finish(found, found.study.best_trial)
    bucket.put(_key(how.name, "best.json"), json.dumps(asdict(best)).encode())
    return best


def best_of(study: str, bucket: Bucket) -> Parameters:
    """XGBoost's parameters, those of the study's best trial among them.

    Raises:
        TrainingError: the study has left none, or none that can be used.
    """
    key = _key(study, "best.json")
    found = (read_json(bucket, key) or {}).get("parameters")
    if not isinstance(found, dict):
        raise TrainingError(
            f"s3://{bucket.name}/{key}: holds no parameters; run optimize for study {study} first"
        )
    return with_defaults(found)


def _keep_journal(how: Search, bucket: Bucket) -> Callable[[], None]:
    """Brings the journal of an earlier machine here; what it returns takes it to the bucket."""
    if how.database:
        return lambda: None
    key = _key(how.name, "journal.log")
    if not how.journal.exists() and bucket.list(key):
        bucket.download(key, how.journal)
    return lambda: bucket.put(key, how.journal.read_bytes())


def _best(found: Found, month: str) -> Best:
    try:
        best = found.study.best_trial
    except ValueError:
        raise TrainingError(
            f"study {found.study.study_name}: no trial came to its end; raise --timeout-seconds"
        ) from None
    return Best(
        study=found.study.study_name,
        month=month,
        parameters=best.params,
        trial=best.number,
        trials=found.finished,
        rmse=best.value or 0.0,
        default_rmse=found.default_rmse,
    )


def _key(study: str, name: str) -> str:
    return f"automl/studies/{study}/{name}"
