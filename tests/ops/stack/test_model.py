"""Promoting and rolling back on a stack: which MLflow, bucket and model the training's commands get."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.__main__ import app
from ops.stack import model

OUTPUTS = {"mlflow_url": "http://mlflow.example", "data_storage_bucket": "the-data"}
CONFIG = {"a-project:modelName": {"value": "rides"}, "a-project:vpcCidr": {"value": "10.0.0.0/16"}}


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pulumi CLI that knows one stack."""
    script = tmp_path / "pulumi"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in *nowhere*) echo "no stack named nowhere" >&2; exit 255;; '
        f"stack*) echo '{json.dumps(OUTPUTS)}';; *) echo '{json.dumps(CONFIG)}';; esac\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("MLFLOW_TRACKING_URI", "DATA_BUCKET"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("pulumi")
def test_stack_outputs() -> None:
    assert model.variables("dev") == {
        "MLFLOW_TRACKING_URI": "http://mlflow.example",
        "DATA_BUCKET": "the-data",
        "MODEL_NAME": "rides",
    }


@pytest.mark.usefixtures("pulumi")
@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_unknown_stack(command: str) -> None:
    result = CliRunner().invoke(app, ["stack", command, "--stack", "nowhere"])
    assert result.exit_code == 2
    assert "no stack named nowhere" in result.stderr


def test_without_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DATA_BUCKET", raising=False)
    with pytest.raises(ValueError, match="pulumi is not installed"):
        model.variables("dev")


def test_rollback_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def run(stack: str, arguments: list[str]) -> int:
        calls.append([stack, *arguments])
        return 3

    monkeypatch.setattr(model, "run", run)
    result = CliRunner().invoke(app, ["stack", "rollback", "--stack", "dev", "--to", "4"])
    assert result.exit_code == 3
    assert calls == [["dev", "rollback", "--to", "4", "--reason", "by hand"]]
