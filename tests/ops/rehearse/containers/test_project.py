"""When a service counts as up, and what counts as lost, by what an engine would say."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from ops.local.errors import LocalRunError
from ops.rehearse.containers.cgroup import memory
from ops.rehearse.containers.docker import Docker
from ops.rehearse.containers.project import Project
from ops.rehearse.containers.record import lost

POSTGRES = "public.example.com/postgres:16"
CONFIG: dict[str, Any] = {
    "services": {
        "postgres": {"image": POSTGRES, "mem_limit": str(2**28), "restart": "unless-stopped"},
        "databases": {"image": POSTGRES, "mem_limit": str(2**26), "restart": "no"},
        "mlflow": {
            "image": "rehearsal/mlflow:account",
            "mem_limit": str(2**29),
            "restart": "unless-stopped",
            "depends_on": {"databases": {"condition": "service_completed_successfully"}},
        },
    }
}


class Engine:
    """Says of the containers what it was told."""

    def __init__(self, states: dict[str, dict[str, Any]]) -> None:
        self.states = states

    def __call__(self, *words: str) -> str:
        return json.dumps(CONFIG) if "config" in words else ""

    def attempt(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.CompletedProcess(words, 0, b"the last words of " + words[-1].encode(), b"")

    def inspect(self, label: str) -> list[dict[str, Any]]:
        return [
            {"Id": name, "State": state, "Config": {"Labels": {"com.docker.compose.service": name}}}
            for name, state in self.states.items()
        ]


def project(states: dict[str, dict[str, Any]], folder: Path) -> Project:
    """A project whose containers are as they are told to be."""
    return laid_out(Engine(states), folder)


def laid_out(engine: "Engine", folder: Path) -> Project:
    file, variables, log = (folder / name for name in ("compose.yaml", "host.env", "log"))
    return Project(cast(Docker, engine), "micro", file, variables=variables, log=log)


def state(status: str, *, health: str = "", code: int = 0, started: str = "1") -> dict[str, Any]:
    """A container's state as `docker inspect` words it; no process of this machine has its id."""
    return {
        "Status": status,
        "Running": status == "running",
        "Health": {"Status": health},
        "ExitCode": code,
        "StartedAt": started,
        "Pid": 2**30,
    }


GOOD = {
    "postgres": state("running", health="healthy"),
    "databases": state("exited"),
    "mlflow": state("running", health="healthy"),
}


def test_services_that_others_wait_for_run_once(tmp_path: Path) -> None:
    running = project(GOOD, tmp_path)
    assert running.lasting == ["postgres", "mlflow"]
    assert running.public_images == {POSTGRES}
    assert set(running.wait(list(GOOD), 1)) == set(GOOD)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("mlflow", state("running", health="starting")),
        ("mlflow", state("exited")),
        ("databases", state("exited", code=2)),
        ("databases", state("running")),
    ],
)
def test_what_is_not_sound_is_named_with_its_last_words(
    tmp_path: Path, name: str, bad: dict[str, Any]
) -> None:
    with pytest.raises(LocalRunError, match=rf"{name}.*\n(.*\n)*.*the last words of {name}"):
        project({**GOOD, name: bad}, tmp_path).wait(list(GOOD), 0)


def test_health_from_before_a_kill_does_not_count(tmp_path: Path) -> None:
    with pytest.raises(LocalRunError):
        project(GOOD, tmp_path).wait(["mlflow"], 0, started_after={"mlflow": "1"})
    again = {**GOOD, "mlflow": state("running", health="healthy", started="2")}
    assert project(again, tmp_path).wait(["mlflow"], 0, started_after={"mlflow": "1"})


def test_a_task_that_ended_by_itself_is_replaced_after_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECS does so; what `restart: unless-stopped` covers is left to the engine."""
    monkeypatch.setitem(CONFIG["services"]["mlflow"], "restart", "no")

    class Ecs(Engine):
        def __call__(self, *words: str) -> str:
            if "up" in words:
                assert words[-1] == "mlflow"
                self.states |= GOOD
            return super().__call__(*words)

    engine = Ecs({**GOOD, "mlflow": state("exited", code=1)})
    assert laid_out(engine, tmp_path).wait(["mlflow"], 5, replace=True)


def test_a_process_id_that_was_given_again_is_not_weighed() -> None:
    """Between two looks a container may have ended, and its first process' id belong to any other."""
    assert memory("0123456789ab", os.getpid()) is None


def test_what_changed_or_went_is_lost_and_what_came_is_not() -> None:
    before = {"run 1": "FINISHED", "object a": "etag", "file b": "0o600"}
    assert lost(before, {**before, "run 2": "RUNNING"}) == []
    assert lost(before, {"run 1": "FINISHED", "file b": "0o644"}) == [
        "object a: was 'etag', is 'not there'",
        "file b: was '0o600', is '0o644'",
    ]
