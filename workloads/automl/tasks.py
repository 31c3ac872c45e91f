"""The tasks as the containers run them: where months, studies and models come from, and what is printed."""

import os
import sys
from pathlib import Path
from typing import Any

from workloads.automl.bucket import Bucket
from workloads.automl.heartbeat import Heartbeat
from workloads.automl.latest import month_of
from workloads.automl.optimize import Best, best_of, optimize, valid_study
from workloads.automl.places import Prefix, place_of
from workloads.automl.predict import Scoring, predict
from workloads.automl.scale.engines import Size, fit_on
from workloads.automl.scale.months import MonthParts, months_until
from workloads.automl.study import Search
from workloads.automl.tracking import TrialLog
from workloads.data.fetch import fetch
from workloads.training.errors import SettingError
from workloads.training.growing import Progress, told
from workloads.training.publish import DataBucket
from workloads.training.registered import RegisteredModel
from workloads.training.train import Trained, prepare, train


def run_optimize(
    month: str,
    how: Search,
    *,
    data: Path | None,
    data_bucket: str,
    tracking_uri: str,
    allow_synthetic: bool,
) -> Best:
    """Searches, and says so after each fold."""
    valid_study(how.name)
    month = month_of(month)
    bucket = Bucket(data_bucket)
    bucket.list("automl/")  # hours of work are in vain where the bucket cannot be used
    log = TrialLog(tracking_uri)
    found = fetch([month], data=data, environ=os.environ, allow_synthetic=allow_synthetic, bucket=data_bucket)
    best = optimize(
        how,
        month,
        found.files[month],
        bucket=bucket,
        log=log,
        progress=lambda trial, fold, rmse: say(f"trial {trial}, fold {fold}: {rmse:.4f} minutes RMSE"),
        on_round=Heartbeat(),
    )
    say(str(best))
    return best


def run_train(
    months: tuple[str, str],
    study: str,
    registered: RegisteredModel,
    size: Size,
    *,
    data: Path | None,
    data_bucket: str,
    tracking_uri: str,
    allow_synthetic: bool,
) -> Trained:
    """Trains with the study's best parameters, and publishes the version if it passes every check."""
    month, validate = (month_of(each) for each in months)
    parts = MonthParts(
        names=months_until(month, size.months), data=data, bucket=data_bucket, allow_synthetic=allow_synthetic
    )
    fit_elsewhere = None if size.engine == "memory" and size.months == 1 else fit_on(parts, size)
    parameters = best_of(valid_study(study), Bucket(data_bucket))
    job = prepare(
        (month, validate), registered, data=data, bucket=data_bucket, allow_synthetic=allow_synthetic,
        parameters=parameters,
    )  # fmt: skip
    trained = train(
        job,
        tracking_uri=tracking_uri,
        bucket=DataBucket(data_bucket),
        progress=_rounds(Heartbeat()),
        fit_elsewhere=fit_elsewhere,
    )
    for line in trained.summary(validate):
        say(line)
    return trained


def run_predict(
    registered: RegisteredModel,
    *,
    month: str,
    source: str,
    target: str,
    data: Path | None,
    data_bucket: str,
    part_rows: int,
    allow_synthetic: bool,
) -> dict[str, Any]:
    """Scores a month or files by the current model."""
    if bool(month) == bool(source):
        raise SettingError("--month, --input: give one of them")
    if month:
        month = month_of(month)
        found = fetch(
            [month], data=data, environ=os.environ, allow_synthetic=allow_synthetic, bucket=data_bucket
        )
        source = str(found.files[month])
    bucket = Bucket(data_bucket)
    name = month or source.rstrip("/").rpartition("/")[2]
    job = Scoring(
        source=place_of("--input", source),
        target=place_of("--output", target) if target else Prefix(bucket, f"predictions/batch/{name}/"),
        bucket=bucket,
        model_name=registered.name,
        model_alias=registered.alias,
        part_rows=part_rows,
    )
    heartbeat = Heartbeat()

    def on_part(part: str, rows: int) -> None:
        heartbeat()
        say(f"{part}: {rows} rows")

    summary = predict(job, on_part)
    say(f"version {summary['version']}: {summary['scored']} of {summary['rows']} rows scored")
    return summary


def _rounds(heartbeat: Heartbeat) -> Progress:
    """Says every fiftieth round, and that there was one."""

    def on_round(turn: int, rmse: float) -> None:
        heartbeat()
        if turn % 50 == 0:
            say(told(turn, rmse))

    return on_round


def say(line: str) -> None:
    """A line for the log of whoever runs the task."""
    print(line, file=sys.stderr, flush=True)
