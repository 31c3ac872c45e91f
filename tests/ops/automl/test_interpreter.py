"""The state machine of the component, executed: order, inputs, retries, and that nothing waits for ever."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ops.automl.interpreter import REGION, execute
from ops.automl.local import definition_here

# The workload's own heartbeat, at every half second of work.
ALIVE = """
import time
from workloads.automl import heartbeat
heartbeat.EVERY_SECONDS = 0.5
beat = heartbeat.Heartbeat()
for _ in range(20):
    beat()
    time.sleep(0.5)
"""
# The workload itself.
REAL = """
import sys
from workloads.automl.__main__ import main
sys.argv[1:] = {}
main()
"""
INPUT = {"month": "2023-01", "validate": "2023-02", "predict": "2023-03", "trials": 3}


class Machine:
    """Tasks that end as `outcomes` says: with an exit code, None where they never start, or not ("hang").

    One that is "real" is the workload's own command; one that is "alive" sends a heartbeat every half second
    for ten seconds, and ends well.
    """

    def __init__(self, *outcomes: int | str | None) -> None:
        self._outcomes: Iterator[int | str | None] = iter(outcomes)
        self.commands: list[list[str]] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.tokens: list[str] = []

    def start(self, command: list[str], variables: Mapping[str, str]) -> "subprocess.Popen[bytes] | None":
        self.commands.append(command)
        self.tokens.append(variables["TASK_TOKEN"])
        outcome = next(self._outcomes)
        if outcome is None:
            return None
        scripts = {"hang": "import time; time.sleep(600)", "alive": ALIVE, "real": REAL.format(command)}
        script = scripts.get(str(outcome), f"raise SystemExit({outcome})")
        environ = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            # moto, where its interpreter finds it
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
            **variables,
        }
        self.processes.append(subprocess.Popen([sys.executable, "-c", script], env=environ))
        return self.processes[-1]

    def run(
        self, entry: Any = INPUT, *, timeout_seconds: int = 120, heartbeat_seconds: int | None = 100
    ) -> dict[str, Any]:
        """Runs the machine; without a limit for heartbeats where that is None."""
        definition = definition_here(
            timeout_seconds=timeout_seconds, heartbeat_seconds=heartbeat_seconds or 1
        )
        for state in definition["States"].values() if heartbeat_seconds is None else ():
            state.pop("HeartbeatSeconds", None)
        return execute(definition, entry, self.start)

    @property
    def order(self) -> list[str]:
        return [command[0] for command in self.commands]


@pytest.mark.xdist_group("interpreter")
def test_three_tasks_in_order_with_their_inputs() -> None:
    machine = Machine(0, 0, 0)
    found = machine.run()
    study = found["name"]
    assert found["status"] == "SUCCEEDED"
    assert machine.commands == [
        ["optimize", "2023-01", "--study", study, "--trials", "3", "--timeout-seconds", "3600"],
        ["train", "2023-01", "--validate", "2023-02", "--study", study],
        ["predict", "--month", "2023-03"],
    ]


@pytest.mark.xdist_group("interpreter")
def test_what_is_left_out_has_a_default() -> None:
    machine = Machine(0, 0, 0)
    assert machine.run({})["status"] == "SUCCEEDED"
    assert machine.commands[0][1] == "latest-1"
    assert machine.commands[2] == ["predict", "--month", "latest"]


@pytest.mark.xdist_group("interpreter")
@pytest.mark.parametrize("failure", [1, 75, None], ids=["failed", "interrupted", "never started"])
def test_one_failure_is_absorbed(failure: int | None) -> None:
    machine = Machine(0, failure, 0, 0)
    assert machine.run()["status"] == "SUCCEEDED"
    assert machine.order == ["optimize", "train", "train", "predict"]


@pytest.mark.xdist_group("interpreter")
def test_what_keeps_failing_is_caught_and_told() -> None:
    """No later task starts, somebody is told, and the execution fails with the task's own error."""
    machine = Machine(0, *[1] * 9)
    found = machine.run()
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert found["cause"].startswith("States.TaskFailed: ")
    assert '"ExitCode":1' in found["cause"].replace(" ", "")
    assert machine.order == ["optimize", *["train"] * 4]
    entered = [
        one["stateEnteredEventDetails"]["name"]
        for one in found["events"]
        if "stateEnteredEventDetails" in one
    ]
    assert entered == ["Defaults", "Merge", "Check", "Optimize", "Train", "Notify", "Fail"]


@pytest.mark.xdist_group("interpreter")
def test_a_wrong_setting_is_not_tried_again() -> None:
    """Half a trial gets past the state machine's own checks; the container ends with exit code 2.

    moto leaves out what the task says of the error.
    """
    machine = Machine("real")
    found = machine.run({**INPUT, "trials": 2.5})
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert found["cause"].startswith("WrongSetting: ")
    assert [process.wait(60) for process in machine.processes] == [2]


@pytest.mark.xdist_group("interpreter")
def test_a_task_that_hangs_is_given_up() -> None:
    machine = Machine("hang")
    found = machine.run(timeout_seconds=5, heartbeat_seconds=None)
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert found["cause"].startswith("States.Timeout: ")
    assert machine.order == ["optimize"]
    assert all(process.poll() is not None for process in machine.processes)


@pytest.mark.xdist_group("interpreter")
def test_a_task_without_heartbeats_starts_again() -> None:
    """Long before its time is up; one that sends them works for longer than they may be apart."""
    machine = Machine("hang", "alive", 0, 0)
    found = machine.run(timeout_seconds=240, heartbeat_seconds=8)
    assert found["status"] == "SUCCEEDED", found
    assert machine.order == ["optimize", "optimize", "train", "predict"]
    assert machine.processes[0].poll() is not None
    assert all(machine.tokens)


@pytest.mark.xdist_group("interpreter")
@pytest.mark.parametrize(
    "wrong",
    [{"month": "January"}, {"trials": 0}, {"trials": "30"}, {"timeout_seconds": 10**9}, {"predict": 5}],
    ids=str,
)
def test_wrong_input_starts_nothing(wrong: dict[str, Any]) -> None:
    machine = Machine()
    found = machine.run({**INPUT, **wrong})
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert "InvalidInput: allowed: month, validate, predict as YYYY-MM" in found["cause"]
    assert machine.commands == []
