"""How `mlflow.sh` starts MLflow: who may do what, and where the secrets go."""

import configparser
import os
import subprocess
from pathlib import Path

import pytest

from components.common.paths import IMAGES

DATABASE = "postgresql+psycopg2://mlflow:d41d8cd98f00b204e9800998ecf8427e@postgres:5432/mlflow"
MLFLOW = '#!/usr/bin/env bash\nprintf "%s\\n" "$@" > "$ARGUMENTS"\ncp "$MLFLOW_AUTH_CONFIG_PATH" "$CONFIG"\n'


@pytest.fixture
def started(tmp_path: Path) -> tuple[list[str], configparser.SectionProxy]:
    """The arguments of MLflow and what its authentication reads."""
    program = tmp_path / "mlflow"
    program.write_text(MLFLOW)
    program.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(tmp_path),
        "ARGUMENTS": str(tmp_path / "arguments"),
        "CONFIG": str(tmp_path / "config"),
        "MLFLOW_BACKEND_STORE_URI": DATABASE,
        "MLFLOW_AUTH_ADMIN_PASSWORD": "an-administrators-password",
        "ARTIFACTS": "s3://artifacts",
        "ALLOWED_HOSTS": "mlflow:5000",
        "ALLOWED_ORIGINS": "http://mlflow:5000",
        "PORT": "5000",
    }
    subprocess.run(["bash", str(IMAGES / "bin" / "mlflow.sh")], env=environment, check=True)
    config = configparser.ConfigParser(interpolation=None)
    config.read(tmp_path / "config")
    return (tmp_path / "arguments").read_text().splitlines(), config["mlflow"]


def test_users_may_read_and_only_administrators_write(
    started: tuple[list[str], configparser.SectionProxy],
) -> None:
    """A new user reads every experiment and model, and changes none until somebody says so."""
    arguments, config = started
    assert config["default_permission"] == "READ"
    assert config["authorization_function"] == "mlflow.server.auth:authenticate_request_basic_auth"
    assert arguments[:3] == ["server", "--app-name", "basic-auth"]


def test_secrets_are_no_arguments(started: tuple[list[str], configparser.SectionProxy]) -> None:
    arguments, config = started
    assert config["database_uri"] == DATABASE
    assert not [word for word in arguments if "password" in word or "postgresql" in word]
