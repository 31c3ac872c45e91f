"""`python -m workloads.automl`: what the AutoML containers run.

Exit codes: 0, done; 1, it cannot be done; 2, an option or a variable is wrong, which no retry changes;
75, interrupted by SIGTERM, as Spot capacity and deployments do: the same command goes on.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from workloads.automl import options
from workloads.training import options as training
from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME, RegisteredModel

WRONG = 2  # of Typer too
INTERRUPTED = 75  # EX_TEMPFAIL of sysexits.h
TRIALS, TIMEOUT_SECONDS, PART_ROWS = 30, 3600, 250_000
JOURNALS = Path("/tmp/studies")  # noqa: S108 - the one folder that a container may write to

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Search parameters, train with the best ones, score files.",
)


@app.command()
def optimize(
    month: options.Month,
    tracking_uri: training.TrackingUri,
    data_bucket: training.Bucket,
    study: options.Study = "",
    trials: options.Trials = TRIALS,
    timeout_seconds: options.Timeout = TIMEOUT_SECONDS,
    jobs: options.Jobs = 1,
    journal: options.Journal = JOURNALS,
    data: training.Data = None,
    allow_synthetic: training.AllowSynthetic = False,
    as_json: training.AsJson = False,
) -> None:
    """Search parameters on a month; an interrupted study goes on.

    The study's journal is kept in the data bucket, for one task at a time. Several tasks on one study need a
    Postgres database, in STUDY_DATABASE_URL.
    """

    def run() -> dict[str, Any]:
        from workloads.automl.tasks import run_optimize

        how = _search(study or month, journal, trials, timeout_seconds, jobs)
        best = run_optimize(
            month, how, data=data, data_bucket=data_bucket, tracking_uri=tracking_uri,
            allow_synthetic=allow_synthetic,
        )  # fmt: skip
        return asdict(best)

    _do(run, as_json=as_json)


@app.command()
def train(
    month: options.Month,
    validate: training.Validate,
    tracking_uri: training.TrackingUri,
    data_bucket: training.Bucket,
    study: options.Study = "",
    engine: options.EngineName = "memory",
    months: options.Months = 1,
    workers: options.Workers = 2,
    jobs: options.Jobs = 1,
    model_name: training.ModelName = DEFAULT_NAME,
    model_alias: training.ModelAlias = DEFAULT_ALIAS,
    data: training.Data = None,
    allow_synthetic: training.AllowSynthetic = False,
    as_json: training.AsJson = False,
) -> None:
    """Train on a month with a study's best parameters; publish the version if it passes every check."""

    def run() -> dict[str, Any]:
        from workloads.automl.scale.engines import Size
        from workloads.automl.tasks import run_train

        registered = RegisteredModel(name=model_name, alias=model_alias)
        size = Size(
            engine=engine, months=months, workers=workers, threads=jobs,
            run_task=os.environ.get("WORKER_RUN_TASK", ""),
        )  # fmt: skip
        trained = run_train(
            (month, validate), study or month, registered, size, data=data, data_bucket=data_bucket,
            tracking_uri=tracking_uri, allow_synthetic=allow_synthetic,
        )  # fmt: skip
        return trained.document()

    _do(run, as_json=as_json)


@app.command()
def worker(scheduler: options.Scheduler, jobs: options.Jobs = 1) -> None:
    """Work for a training that runs on Dask, until it is over."""

    def run() -> dict[str, Any]:
        from workloads.automl.scale.cluster import work

        work(scheduler, threads=jobs, folder=str(Path(tempfile.gettempdir(), "dask")))
        return {}

    _do(run, as_json=False)


@app.command()
def predict(
    data_bucket: training.Bucket,
    month: options.PredictMonth = "",
    source: options.Input = "",
    target: options.Output = "",
    part_rows: options.PartRows = PART_ROWS,
    model_name: training.ModelName = DEFAULT_NAME,
    model_alias: training.ModelAlias = DEFAULT_ALIAS,
    data: training.Data = None,
    allow_synthetic: training.AllowSynthetic = False,
    as_json: training.AsJson = False,
) -> None:
    """Score a month, or files that may be larger than memory, by the current model; goes on after a kill."""

    def run() -> dict[str, Any]:
        from workloads.automl.tasks import run_predict

        return run_predict(
            RegisteredModel(name=model_name, alias=model_alias), month=month, source=source, target=target,
            data=data, data_bucket=data_bucket, part_rows=part_rows, allow_synthetic=allow_synthetic,
        )  # fmt: skip

    _do(run, as_json=as_json)


@app.command()
def pipeline(
    month: options.Month,
    validate: training.Validate,
    predicted: options.Predicted,
    tracking_uri: training.TrackingUri,
    data_bucket: training.Bucket,
    study: options.Study = "",
    trials: options.Trials = TRIALS,
    timeout_seconds: options.Timeout = TIMEOUT_SECONDS,
    jobs: options.Jobs = 1,
    journal: options.Journal = JOURNALS,
    model_name: training.ModelName = DEFAULT_NAME,
    model_alias: training.ModelAlias = DEFAULT_ALIAS,
    data: training.Data = None,
    allow_synthetic: training.AllowSynthetic = False,
    as_json: training.AsJson = False,
) -> None:
    """The three tasks one after the other, in one container."""

    def run() -> dict[str, Any]:
        from workloads.automl.scale.engines import Size
        from workloads.automl.tasks import run_optimize, run_predict, run_train

        registered = RegisteredModel(name=model_name, alias=model_alias)
        where: dict[str, Any] = {
            "data": data, "data_bucket": data_bucket, "allow_synthetic": allow_synthetic
        }  # fmt: skip
        how = _search(study or month, journal, trials, timeout_seconds, jobs)
        best = run_optimize(month, how, tracking_uri=tracking_uri, **where)
        trained = run_train(
            (month, validate), how.name, registered, Size(), tracking_uri=tracking_uri, **where
        )
        summary = run_predict(registered, month=predicted, source="", target="", part_rows=PART_ROWS, **where)
        return {"optimize": asdict(best), "train": trained.document(), "predict": summary}

    _do(run, as_json=as_json)


def _search(name: str, journals: Path, trials: int, timeout_seconds: int, jobs: int) -> Any:
    from workloads.automl.study import Search

    return Search(
        name=name,
        journal=journals / name / "journal.log",
        database=os.environ.get("STUDY_DATABASE_URL", ""),  # it holds a password: never an argument
        trials=trials,
        timeout_seconds=timeout_seconds,
        jobs=jobs,
    )


def _do(run: Callable[[], dict[str, Any]], *, as_json: bool) -> None:
    with _one_line():
        result = run()
    if as_json:
        print(json.dumps(result))


@contextmanager
def _one_line() -> Iterator[None]:
    """Foreseeable mistakes are one line; SIGTERM ends the process at once, for all that is done is kept."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from workloads.data.months import DataError
    from workloads.training.errors import TrainingError

    def interrupted(_signal: int, _frame: object) -> None:
        os.write(2, b"automl: interrupted; the same command goes on\n")
        os._exit(INTERRUPTED)  # threads at work in XGBoost would keep a usual exit waiting

    signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    except (DataError, TrainingError) as error:
        print(f"automl: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def main() -> None:
    """Runs a command; a state machine that waits for it is told of a mistake that no retry changes."""
    try:
        app(prog_name="python -m workloads.automl")
    except SystemExit as end:
        if end.code == WRONG:
            from workloads.automl.heartbeat import give_up

            give_up()
        raise


if __name__ == "__main__":
    main()
