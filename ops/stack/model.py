"""The training's own commands on a stack: its MLflow, its data bucket and its model."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OUTPUTS = {"mlflow_url": "MLFLOW_TRACKING_URI", "data_storage_bucket": "DATA_BUCKET"}
_SETTINGS = {"modelName": "MODEL_NAME", "modelAlias": "MODEL_ALIAS", "challengerAlias": "CHALLENGER_ALIAS"}


def run(stack: str, arguments: Sequence[str]) -> int:
    """Runs `python -m workloads.training` on a stack; gives its exit code.

    Raises:
        ValueError: the Pulumi CLI is not here, or does not know the stack.
    """
    environment = {**os.environ, **variables(stack)}
    command = [sys.executable, "-m", "workloads.training", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def variables(stack: str) -> dict[str, str]:
    """The variables by which the training finds a stack; those that are set already stay.

    Raises:
        ValueError: see `run`.
    """
    given = {name: os.environ[name] for name in _OUTPUTS.values() if os.environ.get(name)}
    if len(given) == len(_OUTPUTS):
        return given
    found = outputs(stack)
    config = _pulumi("config", "--json", "--stack", stack)
    values = {key.partition(":")[2]: str(each.get("value", "")) for key, each in config.items()}
    return {
        **{name: str(found[key]) for key, name in _OUTPUTS.items() if found.get(key)},
        **{name: values[key] for key, name in _SETTINGS.items() if values.get(key)},
        **given,
    }


def outputs(stack: str) -> Mapping[str, object]:
    """The stack's outputs, by the Pulumi CLI.

    Raises:
        ValueError: the Pulumi CLI is not here, or does not know the stack.
    """
    return _pulumi("stack", "output", "--json", "--stack", stack)


def _pulumi(*arguments: str) -> Mapping[str, dict[str, str]]:
    try:
        found = subprocess.run(["pulumi", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
        answer: Mapping[str, dict[str, str]] = json.loads(found.stdout)
    except FileNotFoundError:
        raise ValueError(
            "pulumi is not installed, which knows the stack's outputs; set MLFLOW_TRACKING_URI to mlflow_url "
            "and DATA_BUCKET to data_storage_bucket"
        ) from None
    except subprocess.CalledProcessError as error:
        raise ValueError(f"pulumi {' '.join(arguments)}: {error.stderr.strip()}") from error
    return answer
