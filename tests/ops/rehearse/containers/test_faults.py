"""A process that hangs, as an engine would tell of it."""

import subprocess
from typing import Any, cast

import pytest

from ops.local.errors import LocalRunError
from ops.rehearse.containers import faults
from ops.rehearse.containers.docker import Docker
from ops.rehearse.containers.faults import Faults
from ops.rehearse.containers.project import Project

CHECK = ["CMD", "python", "heartbeat.py", "SchedulerJob"]
SILENT = (1, b"SchedulerJob: the last heartbeat was 61 s ago")


class Engine:
    """A project of one service whose health check gives these answers, one after the other."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.stopped = False

    def look(self) -> dict[str, Any]:
        return {"scheduler": {"Id": "1", "Config": {"Healthcheck": {"Test": CHECK}}}}

    def attempt(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        assert words[:2] == ("exec", "1")
        if words[2:] == ("sh", "-c", "kill -STOP -1"):
            self.stopped = True
            return subprocess.CompletedProcess(words, 0, b"", b"")
        assert list(words[2:]) == CHECK[1:]
        code, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return subprocess.CompletedProcess(words, code, b"", said)


def hang(engine: Engine) -> float:
    return Faults(docker=cast(Docker, engine), project=cast(Project, engine)).hang("scheduler")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "PAUSE_SECONDS", 0)


def test_a_check_that_sees_the_hanging_passes() -> None:
    engine = Engine((0, b""), (0, b""), SILENT)
    assert hang(engine) >= 0
    assert engine.stopped


def test_a_check_that_sees_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "WELL_SECONDS", 0)
    with pytest.raises(LocalRunError, match="scheduler hangs, and its health check does not see it"):
        hang(Engine((0, b"")))


def test_a_check_that_failed_before_shows_nothing() -> None:
    engine = Engine(SILENT)
    with pytest.raises(LocalRunError, match="scheduler runs and is not healthy"):
        hang(engine)
    assert not engine.stopped


def test_a_check_that_fails_for_another_reason_shows_nothing() -> None:
    with pytest.raises(LocalRunError, match="says something else: the database is gone"):
        hang(Engine((0, b""), (1, b"the database is gone")))
