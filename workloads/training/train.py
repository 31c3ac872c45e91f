"""One training: fit, validate, register, and publish the version if it passes every check."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.dataset import GREEN, Dataset
from workloads.data.fetch import fetch
from workloads.data.months import MonthError, valid_month
from workloads.data.quality import Check, Rides, rides
from workloads.training import registry, sanity
from workloads.training.baseline import linear
from workloads.training.bundle import Bundle, pack
from workloads.training.errors import TrainingError
from workloads.training.growing import Parameters, Progress
from workloads.training.guard import compare
from workloads.training.model import PARAMETERS, Model, Score, fit, score
from workloads.training.promotion import Decision, Margin, beats_linear, check_data
from workloads.training.publish import DataBucket
from workloads.training.reference import with_reference
from workloads.training.registered import RegisteredModel
from workloads.training.versions import move


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to train on, and what the version is for.

    Args:
        months: The month to train on and the later one to validate on, as YYYY-MM.
        files: Their files.
        data_source: `tlc` or `synthetic`.
        allow_synthetic: Whether a model of synthetic trips may be published.
        registered: The registered model.
        margin: By how much the version must be better than the current one.
        as_challenger: Publish under the challenger's alias instead of the current model's.
        parameters: XGBoost's.
        dataset: The months' data set.
    """

    months: tuple[str, str]
    files: tuple[Path, Path]
    data_source: str
    allow_synthetic: bool
    registered: RegisteredModel
    as_challenger: bool
    margin: Margin = field(default_factory=Margin)
    parameters: Parameters = field(default_factory=lambda: PARAMETERS)
    dataset: Dataset = GREEN

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Each month's data set, and the checksum of its file."""
        sums = (hashlib.sha256(path.read_bytes()).hexdigest() for path in self.files)
        return {
            month: {"dataset": self.dataset.name, "sha256": digest}
            for month, digest in zip(self.months, sums, strict=True)
        }

    @property
    def alias(self) -> str:
        """The alias that the version is for."""
        return self.registered.target_alias(as_challenger=self.as_challenger)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The result of a training: errors in minutes on the validation month, and what was decided."""

    version: str
    data_source: str
    train_rows: int
    train_seconds: float
    rounds: int
    valid_rmse: float
    valid_mae: float
    linear_valid_rmse: float
    decision: Decision
    alias_version: str  # the version that has the alias now; empty for none

    @property
    def published(self) -> bool:
        """Whether this version has the alias now."""
        return self.version == self.alias_version

    def document(self) -> dict[str, Any]:
        """The result as JSON."""
        return {**asdict(self), "decision": self.decision.document(), "published": self.published}

    def summary(self, validate: str) -> list[str]:
        """The figures on the month `validate` and every check, a line each, for the log of whoever trains."""
        decision = self.decision
        return [
            f"version {self.version}, {self.data_source} trips: {self.valid_rmse:.3f} minutes RMSE on "
            f"{validate}, {self.rounds} rounds in {self.train_seconds:.1f} s",
            *(f"{'passed' if check.passed else 'FAILED'}  {check}" for check in decision.checks),
            f"{decision.alias}: "
            + (f"version {self.alias_version}" if self.alias_version else "no version")
            + ("" if self.published else f"; version {self.version} is registered, not published"),
        ]


def prepare(
    months: tuple[str, str],
    registered: RegisteredModel,
    *,
    data: Path | None,
    bucket: str,
    allow_synthetic: bool,
    as_challenger: bool = False,
    margin: Margin | None = None,
    parameters: Parameters = PARAMETERS,
    dataset: Dataset = GREEN,
) -> Job:
    """A job whose months have been found; see `workloads.data.fetch.fetch` for where they are looked for.

    Raises:
        MonthError: a month is not valid, or the second is not later than the first.
        DataError: a month cannot be had.
    """
    month, validate = (valid_month(each, dataset) for each in months)
    if validate <= month:
        raise MonthError(f"--validate: got {validate}, allowed: a month after {month}, which is trained on")
    found = fetch(
        months, data=data, environ=os.environ, allow_synthetic=allow_synthetic, bucket=bucket, dataset=dataset
    )
    return Job(
        months=months,
        files=(found.files[month], found.files[validate]),
        data_source=found.source,
        allow_synthetic=allow_synthetic,
        registered=registered,
        as_challenger=as_challenger,
        margin=margin or Margin(),
        parameters=parameters,
        dataset=dataset,
    )


def train(
    job: Job,
    *,
    tracking_uri: str,
    bucket: DataBucket,
    progress: Progress,
    fit_elsewhere: Callable[[Parameters, Progress], Model] | None = None,
) -> Trained:
    """Trains and registers a version, and publishes it under its alias if it passes every check.

    `fit_elsewhere` fits the model outside of this process' memory, perhaps on earlier months as well.

    Raises:
        workloads.data.months.DataError: a month's file cannot be used.
        TrainingError: the data did not pass the checks, or MLflow or S3 cannot be used; no alias was moved.
    """
    bucket.check()
    registry.connect(tracking_uri)
    train_set, validation_set = map(rides, job.files, job.months, [job.dataset] * 2)
    with registry.run(" on ".join(job.months)) as run_id:
        data_checks = _check_data(job, train_set, validation_set)
        model = (fit_elsewhere or _in_memory(train_set.frame))(job.parameters, progress)
        predicted = model.predict(validation_set.frame)
        candidate, baseline = _measure(model, train_set.frame, validation_set.frame, predicted)
        bundle = _register(job, model, train_set.frame, candidate, run_id)
        bundle = with_reference(bundle, validation_set.frame, predicted)
        registry.log_bundle(bundle)
        bucket.upload(bundle)
        current = None if job.as_challenger else registry.load_bundle(bundle.name, job.alias)
        checks = [*data_checks, beats_linear(candidate.rmse, baseline.rmse)]
        checks += _judge(bundle, current, job, validation_set.frame, predicted)
        decision = Decision(alias=job.alias, version=bundle.version, checks=tuple(checks))
        registry.log_decision(decision)
        chosen = bundle if decision.passed else current
        if chosen:
            move(chosen, job.alias, bucket, action="train", figures=decision.document())
    return Trained(
        version=bundle.version,
        data_source=job.data_source,
        train_rows=model.rides.rows if model.rides else len(train_set.frame),
        train_seconds=round(model.seconds, 2),
        rounds=model.rounds,
        valid_rmse=candidate.rmse,
        valid_mae=candidate.mae,
        linear_valid_rmse=baseline.rmse,
        decision=decision,
        alias_version=chosen.version if chosen else "",
    )


def _in_memory(rides: pd.DataFrame) -> Callable[[Parameters, Progress], Model]:
    return lambda parameters, progress: fit(rides, progress, parameters=parameters)


def _judge(
    bundle: Bundle, current: Bundle | None, job: Job, rides: pd.DataFrame, predicted: NDArray[np.float32]
) -> list[Check]:
    """Whether the predictions are sane, and better than those of the current model, if there is one."""
    better = compare(predicted, job.data_source, current, rides, job.margin) if current else []
    return [*sanity.checks(bundle, rides, predicted), *better]


def _check_data(job: Job, *months: Rides) -> list[Check]:
    """Logs what the months hold, and refuses those that a model must not be trained on."""
    registry.log_data(months, job.data_source)
    checks = check_data(months, job.data_source, allow_synthetic=job.allow_synthetic)
    decision = Decision(alias=job.alias, version="", checks=tuple(checks))
    if not decision.passed:
        registry.log_decision(decision)
        raise TrainingError(f"{decision.failed()}; no model was trained, use TLC's own files of the months")
    return checks


def _measure(
    model: Model, train_set: pd.DataFrame, validation_set: pd.DataFrame, predicted: NDArray[np.float32]
) -> tuple[Score, Score]:
    """The errors of the model and of linear regression on the validation set."""
    minutes = validation_set["minutes"].to_numpy(np.float64)
    candidate = score(minutes, predicted)
    baseline = score(minutes, linear(train_set, validation_set))
    registry.log_scores(model, candidate, baseline)
    registry.log_plots(minutes, predicted, model)
    return candidate, baseline


def _register(job: Job, model: Model, train_set: pd.DataFrame, candidate: Score, run_id: str) -> Bundle:
    """Registers the model; gives the bundle that the predictor takes."""
    version = registry.register(job.registered.name, model, train_set, job.data_source)
    return pack(
        model,
        train_set,
        score=candidate,
        months=job.months,
        data_source=job.data_source,
        name=job.registered.name,
        version=version,
        run_id=run_id,
        sources=job.sources,
    )
