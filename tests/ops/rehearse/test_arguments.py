"""A secret in a process's arguments, which any user of the machine can read, ends a rehearsal."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.local.errors import LocalRunError
from ops.rehearse.arguments import env_files, no_secrets_in_arguments, secret_values

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc")
PASSWORD = "0f3a5b" + 20 * "9"  # in no other process of the machine
URL = f"postgresql+psycopg2://mlflow:{PASSWORD}@postgres:5432/mlflow"


@contextmanager
def process(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """A process that lives as long as the block."""
    program = [sys.executable, "-Sc", "print(flush=True); input()", *arguments]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdin
        assert running.stdout
        running.stdout.readline()
        yield
        running.stdin.close()
        running.wait()


def until(found: set[str]) -> None:
    """Returns when something has been found."""
    while not found:
        time.sleep(0.01)


@pytest.mark.parametrize("word", [PASSWORD, f"--password={PASSWORD}", URL])
def test_secret_in_arguments_is_found(word: str) -> None:
    secrets = secret_values([{"MLFLOW_BACKEND_STORE_URI": URL}])
    with (
        pytest.raises(LocalRunError, match="pass them in the environment") as failure,
        process(word),
        no_secrets_in_arguments(secrets),
    ):
        pass
    assert PASSWORD not in str(failure.value)
    assert "***" in str(failure.value)


def test_secret_in_the_environment_is_not() -> None:
    with (
        process("--user", "mlflow", environment={"URI": URL}),
        no_secrets_in_arguments(secret_values([{"URI": URL}])),
    ):
        pass


def test_process_that_ends_early_is_found() -> None:
    with pytest.raises(LocalRunError), no_secrets_in_arguments({PASSWORD}) as found, process(PASSWORD):
        until(found)


def test_another_error_is_not_hidden() -> None:
    with pytest.raises(KeyError), process(PASSWORD), no_secrets_in_arguments({PASSWORD}):
        raise KeyError


def test_values_are_read_from_env_files(tmp_path: Path) -> None:
    """User names, which stand beside passwords and in many arguments, are no secrets."""
    (tmp_path / "mlflow.env").write_text(f"MLFLOW_BACKEND_STORE_URI={URL}\n")
    (tmp_path / "databases.env").write_text("PGUSER=platform\nFERNET=abcdefghijklmnopqrstuvwxyz=\n")
    assert secret_values(env_files(tmp_path)) == {URL, PASSWORD, "abcdefghijklmnopqrstuvwxyz="}
