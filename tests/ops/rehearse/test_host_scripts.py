"""The instance's scripts, with programs for Docker, AWS and systemd that write down how they are called."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from components.common.paths import IMAGES
from components.orchestration.compose.host_files import user_data

PROGRAM = """#!/usr/bin/env bash
echo "$(basename "$0") $*" >> "$CALLS"
for answer in "$ANSWERS/$(basename "$0")"-*; do
  if [[ -e $answer ]] && grep --quiet --fixed-strings -- "$(head -1 "$answer")" <<<"$*"; then
    tail --lines +3 "$answer"
    exit "$(sed --quiet 2p "$answer")"
  fi
done
"""


class Instance:
    """The scripts under a folder; a program answers what `answers` says to calls with the same words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = folder / "programs"
        self._answers = folder / "answers"
        self._calls = folder / "calls"
        for each in (self._programs, self._answers):
            each.mkdir()
        for name in ("host", "systemd"):
            shutil.copytree(IMAGES / name, folder / name)
        (folder / "platform.env").write_text(
            "METRICS_NAMESPACE='mlops'\nHOST_NAME='one'\nBACKUPS='s3://b/'\n"
        )
        for name in ("amazon-cloudwatch-agent-ctl", "aws", "curl", "docker", "install", "mkdir", "systemctl"):
            program = self._programs / name
            program.write_text(PROGRAM)
            program.chmod(0o755)

    def answers(self, program: str, words: str, *, text: str = "", code: int = 0) -> None:
        """What a program prints, and its exit code, when `words` are among its arguments; first match."""
        number = len(list(self._answers.iterdir()))
        (self._answers / f"{program}-{number:02}").write_text(f"{words}\n{code}\n{text}")

    def run(self, script: str) -> list[str]:
        """Runs `host/<script>` and gives the calls that it made."""
        self._calls.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self._programs}:{os.environ['PATH']}",
            "CALLS": str(self._calls),
            "ANSWERS": str(self._answers),
        }
        subprocess.run([self._folder / "host" / script], env=environment, check=False, capture_output=True)
        return self._calls.read_text().splitlines()


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def called(calls: Sequence[str], words: str) -> int:
    """Where a call with these words is among the calls; -1 for nowhere."""
    return next((number for number, call in enumerate(calls) if words in call), -1)


def reported(instance: Instance, states: Sequence[str]) -> str:
    """The metric's value for containers with these states, of three services."""
    instance.answers("docker", "config --services", text="postgres\ndatabases\nmlflow\n")
    instance.answers("docker", "ps --all", text="".join(f"{number}\n" for number in range(len(states))))
    instance.answers("docker", "inspect", text="".join(f"{state}\n" for state in states))
    (call,) = (call for call in instance.run("health.sh") if "put-metric-data" in call)
    return call.partition("--value ")[2].split()[0]


@pytest.mark.parametrize(
    ("last", "value"),
    [
        ("unless-stopped running healthy 0", "0"),
        ("unless-stopped running starting 0", "1"),
        ("unless-stopped running unhealthy 0", "1"),
        ("unless-stopped exited  0", "1"),
        ("unless-stopped exited unhealthy 0", "1"),
        ("no exited  1", "1"),
    ],
)
def test_health_counts_what_is_not_as_it_should_be(instance: Instance, last: str, value: str) -> None:
    """A lasting service that ended with 0 is down; only one that runs once may end."""
    assert reported(instance, ["unless-stopped running healthy 0", "no exited  0", last]) == value


def test_health_counts_containers_that_were_never_made(instance: Instance) -> None:
    assert reported(instance, []) == "3"


def test_health_is_reported_when_the_engine_does_not_answer(instance: Instance) -> None:
    instance.answers("docker", "", code=1)
    assert called(instance.run("health.sh"), "--value 1 ") >= 0


def test_spot_notice_stops_the_platform(instance: Instance) -> None:
    """systemd runs a unit's ExecStop only if its start had succeeded."""
    instance.answers("systemctl", "stop platform.service", code=5)
    instance.answers("docker", "ps --services", text="postgres\nscheduler\n")
    calls = instance.run("drain.sh")
    unit, airflow = called(calls, "stop platform.service"), called(calls, "stop --timeout 20 scheduler")
    dump, rest = called(calls, "pg_dump"), len(calls) - 1
    assert 0 <= unit < airflow < dump < rest
    assert calls[rest].endswith("host.env stop")


def test_without_a_spot_notice_nothing_is_stopped(instance: Instance) -> None:
    instance.answers("curl", "spot/instance-action", code=22)
    assert called(instance.run("drain.sh"), "stop") == -1


@pytest.mark.parametrize("running", ["", "scheduler\n", "postgres\n"])
def test_stopping_twice_never_stops_postgres_before_its_backup(instance: Instance, running: str) -> None:
    """`docker compose stop` without a service's name stops all of them."""
    instance.answers("docker", "ps --services", text=running)
    calls = instance.run("stop.sh")
    stops = [number for number, call in enumerate(calls) if call.endswith("stop")]
    assert stops == [len(calls) - 1]
    assert (called(calls, "pg_dump") >= 0) == (running == "postgres\n")


@pytest.mark.parametrize("broken", ["nothing", "systemctl", "amazon-cloudwatch-agent-ctl"])
def test_a_start_begins_with_what_reports_on_it(instance: Instance, broken: str) -> None:
    """The timers and the agent come before what may fail, and hold nothing up if they fail themselves."""
    instance.answers(broken, "", code=1)
    calls = [call.split()[0] for call in instance.run("start.sh")]
    steps = [calls.index(name) for name in ("systemctl", "amazon-cloudwatch-agent-ctl", "curl")]
    assert steps == sorted(steps)
    assert "docker" not in calls[: steps[-1]]


def test_containers_outlive_their_engine() -> None:
    """With Requires= a crash of the engine stops the platform's unit, which then waits for the engine."""
    config = yaml.safe_load(user_data(region="r", bucket="b", key="k", parameter="p", swap_gib=0))
    files = {each["path"]: each["content"] for each in config["write_files"]}
    assert json.loads(files["/etc/docker/daemon.json"])["live-restore"] is True
    unit = files["/etc/systemd/system/platform.service"]
    assert "Requires=" not in [line[:9] for line in unit.splitlines()]
    assert "Wants=docker.service" in unit


@pytest.mark.parametrize("name", ["drain", "health"])
def test_units_that_run_often_fill_no_journal(name: str) -> None:
    """systemd says at level info that it starts and has finished a unit; what a script prints has to stay."""
    unit = (IMAGES / "systemd" / f"platform-{name}.service").read_text().splitlines()
    assert {"LogLevelMax=notice", "SyslogLevel=notice"} <= set(unit)
