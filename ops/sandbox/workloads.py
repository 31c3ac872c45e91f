"""The workloads as the sandbox runs them: commands in processes of their own, which answer in JSON."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.local.environment import downloads
from ops.local.errors import LocalRunError
from ops.local.moto.clients import Clients
from ops.local.services import Children
from ops.sandbox.options import Options

# The workloads and the MLflow client stay at home.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True, kw_only=True)
class Months:
    """Where the months lie, and what they are: `tlc` or `synthetic`."""

    source: str
    files: Mapping[str, Path]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The model that was trained: errors in minutes on the validation month."""

    rows: int
    seconds: float
    rmse: float
    mae: float
    linear_rmse: float
    version: str


def fetch(children: Children, options: Options) -> Months:
    """Gets the months from a folder, the cache or TLC, or makes them."""
    folder = ["--data", str(options.data.resolve())] if options.data else []
    into = ["--into", str((options.output / "data").resolve())]
    output = children.command(
        "data",
        ["workloads.data", "fetch", *options.months, *folder, *into, "--allow-synthetic", "--json"],
        environment=downloads(os.environ),
    )
    answer = json.loads(output)
    return Months(
        source=answer["source"], files={month: Path(path) for month, path in answer["files"].items()}
    )


def train(
    children: Children,
    options: Options,
    months: Months,
    clients: Clients,
    *,
    tracking: str,
    bucket: str,
    function: Mapping[str, str],
) -> Trained:
    """Trains and publishes a model from the fetched months, for the function with these variables.

    Raises:
        LocalRunError: the model did not pass the checks, so that the function would have none to serve.
    """
    output = children.command(
        "training",
        [
            "workloads.training",
            *("train", options.train, "--validate", options.validate),
            *("--data", str(months.files[options.train].parent)),
            *("--tracking-uri", tracking, "--data-bucket", bucket, "--json"),
            *(["--allow-synthetic"] if months.source == "synthetic" else []),
        ],
        environment={
            **QUIET,
            **clients.environment(),
            **{name: function.get(name, "") for name in ("MODEL_NAME", "MODEL_ALIAS", "CHALLENGER_ALIAS")},
        },
    )
    answer = json.loads(output)
    if not answer["published"]:
        failed = [check for check in answer["decision"]["checks"] if not check["passed"]]
        raise LocalRunError(f"the model was not published: {failed}; give other months")
    return Trained(
        rows=answer["train_rows"],
        seconds=answer["train_seconds"],
        rmse=answer["valid_rmse"],
        mae=answer["valid_mae"],
        linear_rmse=answer["linear_valid_rmse"],
        version=str(answer["version"]),
    )
