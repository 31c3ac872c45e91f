"""The commands `promote`, `rollback`, `reconcile` and `confirm`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from workloads.training import options
from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME, RegisteredModel

if TYPE_CHECKING:
    from workloads.data.lineage import Lineage
    from workloads.training.versions import Move

_Reason = Annotated[str, typer.Option(help="Why, for the record.")]


def promote(
    tracking_uri: options.TrackingUri,
    data_bucket: options.Bucket,
    version: Annotated[str, typer.Argument(help="The version; without it the challenger.")] = "",
    on: Annotated[
        str, typer.Option(help="FIRST..LAST: only if it is better on the rides that both predicted then.")
    ] = "",
    margin: options.Margin = 0.0,
    confidence: options.Confidence = 0.95,
    reason: _Reason = "by hand",
    model_name: options.ModelName = DEFAULT_NAME,
    model_alias: options.ModelAlias = DEFAULT_ALIAS,
    challenger_alias: options.ChallengerAlias = "",
    as_json: options.AsJson = False,
) -> None:
    """Make a version the current one, in MLflow and for the predictor, which follows within a minute."""
    with plain_errors():
        from workloads.data.s3 import Bucket
        from workloads.training import promotion, shadow, versions
        from workloads.training.publish import DataBucket

        model = _connect(tracking_uri, model_name, model_alias, challenger_alias)
        chosen = version or versions.challenger(model)
        figures: dict[str, Any] = {}
        if on:
            limit = promotion.Margin(minutes=margin, confidence=confidence)
            window = shadow.Window.parse(on)
            checks = shadow.compare(Bucket(data_bucket), chosen, window, limit)
            decision = promotion.Decision(alias=model.alias, version=chosen, checks=tuple(checks))
            figures = decision.document()
            if not decision.passed:
                _print(versions.refuse(model, chosen, decision), as_json=as_json)
                return
        bucket = DataBucket(data_bucket)
        _print(versions.promote(model, chosen, bucket, reason=reason, figures=figures), as_json=as_json)


def rollback(
    tracking_uri: options.TrackingUri,
    data_bucket: options.Bucket,
    to: Annotated[str, typer.Option(help="The version; without it the one that was served before.")] = "",
    reason: _Reason = "by hand",
    model_name: options.ModelName = DEFAULT_NAME,
    model_alias: options.ModelAlias = DEFAULT_ALIAS,
    as_json: options.AsJson = False,
) -> None:
    """Make an earlier version the current one again."""
    with plain_errors():
        from workloads.training import versions
        from workloads.training.publish import DataBucket

        model = _connect(tracking_uri, model_name, model_alias)
        _print(versions.rollback(model, to, DataBucket(data_bucket), reason=reason), as_json=as_json)


def reconcile(
    tracking_uri: options.TrackingUri,
    data_bucket: options.Bucket,
    model_name: options.ModelName = DEFAULT_NAME,
    model_alias: options.ModelAlias = DEFAULT_ALIAS,
    challenger_alias: options.ChallengerAlias = "",
    as_json: options.AsJson = False,
) -> None:
    """Let the predictor serve what the aliases in MLflow name, where they were moved in MLflow itself."""
    moves = []
    with plain_errors():
        from workloads.data.lineage import recorded
        from workloads.data.s3 import Bucket
        from workloads.training import versions
        from workloads.training.publish import DataBucket

        with recorded(Bucket(data_bucket), os.environ) as lineage:
            model = _connect(tracking_uri, model_name, model_alias, challenger_alias)
            for each in versions.reconcile(model, DataBucket(data_bucket)):
                moves.append(each)
                _trace(lineage, each, tracking_uri, model_name)
    if as_json:
        print(json.dumps([each.document() for each in moves]))
        return
    for each in moves:
        _print(each, as_json=False)


def confirm(
    data_bucket: options.Bucket,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for.")] = 300,
    model_name: options.ModelName = DEFAULT_NAME,
    model_alias: options.ModelAlias = DEFAULT_ALIAS,
    as_json: options.AsJson = False,
) -> None:
    """Wait until new predictions are of the current version. Exit code 1 when they are of another one.

    Without any ride since the alias moved there is nothing to see, which is no error.
    """
    with plain_errors():
        from workloads.data.lineage import recorded
        from workloads.data.s3 import Bucket
        from workloads.training.errors import TrainingError
        from workloads.training.publish import DataBucket, pointer_key
        from workloads.training.serving import confirm as run
        from workloads.training.serving import partitions

        bucket = Bucket(data_bucket)
        with recorded(bucket, os.environ) as lineage:
            pointer = DataBucket(data_bucket).pointer(model_name, model_alias)
            if not pointer:
                raise TrainingError(f"{model_alias}: no version is served yet; train one, or promote one")
            lineage.inputs[pointer_key(model_name, model_alias)] = str(pointer["version"])
            lineage.inputs.update(dict.fromkeys(partitions(pointer), ""))
            found = run(bucket, pointer, timeout_seconds=timeout)
            print(json.dumps(found.document()) if as_json else f"version {found.version}: {found.reason}")
            if found.seen and not found.confirmed:
                raise TrainingError(
                    f"{model_alias}: the predictor still serves version {found.seen}, not {found.version}; "
                    "its log says why it does not take the bundle"
                )


def _connect(
    tracking_uri: str, model_name: str, model_alias: str, challenger_alias: str = ""
) -> RegisteredModel:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    model = RegisteredModel(name=model_name, alias=model_alias, challenger_alias=challenger_alias)
    from workloads.training import registry

    registry.connect(tracking_uri)
    return model


def _trace(lineage: "Lineage", move: "Move", tracking_uri: str, name: str) -> None:
    """Adds what a reconciled alias was read from, and what it let the predictor serve."""
    address = urlsplit(tracking_uri)
    host = address.netloc.rpartition("@")[2]  # without a password
    read = f"{address.scheme}://{host}/#/models/{name}/versions/{move.version}"
    lineage.inputs[read] = move.version
    if move.changed:
        from workloads.training.publish import pointer_key

        lineage.outputs[f"models/{name}/versions/{move.version}/model.ubj"] = ""
        lineage.outputs[pointer_key(name, move.alias)] = move.version


def _print(move: "Move", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(move.document()))
        return
    before = f", before {move.previous}" if move.changed and move.previous else ""
    print(f"{move.alias}: version {move.version}{before}{'' if move.changed else ', as it was'}")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns a foreseeable error into one line."""
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    from workloads.data.months import DataError
    from workloads.training.errors import TrainingError

    try:
        yield
    except (DataError, TrainingError) as error:
        print(f"training: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except (MlflowException, RequestException) as error:
        print(f"training: MLflow refused: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
