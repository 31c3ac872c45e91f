"""What Fargate's health checks make of Airflow's database, and of one that is not there."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from components.common.paths import IMAGES

SCRIPT = IMAGES / "bin" / "heartbeat.py"
PSYCOPG2 = """
class Error(Exception):
    pass

def connect(url, connect_timeout):
    raise Error(f"no answer from {url}\\n")
"""


@pytest.fixture(scope="module")
def heartbeat() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("heartbeat", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Cursor:
    """Gives an age, and keeps what it was asked for."""

    def __init__(self, age: float | None) -> None:
        self.age = age
        self.asked: tuple[str, ...] = ()

    def execute(self, _query: str, parameters: tuple[str, ...]) -> None:
        self.asked = parameters

    def fetchone(self) -> tuple[float | None]:
        return (self.age,)


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (3.2, ""),
        (61.0, "SchedulerJob: the last heartbeat was 61 s ago"),
        (None, "no SchedulerJob runs on here"),
    ],
)
def test_only_a_heartbeat_of_late_is_life(heartbeat: ModuleType, age: float | None, reason: str) -> None:
    cursor = Cursor(age)
    assert heartbeat.silent(cursor, "SchedulerJob", "here") == reason
    assert cursor.asked == ("SchedulerJob", "here")


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    """The URL is SQLAlchemy's, which libpq does not know."""
    (tmp_path / "psycopg2.py").write_text(PSYCOPG2)
    url = "postgresql+psycopg2://airflow@database:5432/airflow?sslmode=require"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.read_text(), "SchedulerJob"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "no answer from postgresql://airflow@database:5432/airflow?sslmode=require\n"
