"""The state machine of the component, executed: order, inputs, retries, and that nothing waits for ever."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ops.automl.interpreter import execute
from ops.automl.local import definition_here

INPUT = {"month": "2023-01", "validate": "2023-02", "predict": "2023-03", "trials": 3}


class Machine:
    """Tasks that end as `outcomes` says: with an exit code, None where they never start, or not ("hang")."""

    def __init__(self, *outcomes: int | str | None) -> None:
        self._outcomes: Iterator[int | str | None] = iter(outcomes)
        self.commands: list[list[str]] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, command: list[str]) -> "subprocess.Popen[bytes] | None":
        self.commands.append(command)
        outcome = next(self._outcomes)
        if outcome is None:
            return None
        script = "import time; time.sleep(600)" if outcome == "hang" else f"raise SystemExit({outcome})"
        self.processes.append(subprocess.Popen([sys.executable, "-c", script]))
        return self.processes[-1]

    def run(self, entry: Any = INPUT, *, timeout_seconds: int = 60) -> dict[str, Any]:
        return execute(definition_here(timeout_seconds=timeout_seconds), entry, self.start)

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
    machine = Machine(0, *[2] * 9)
    found = machine.run()
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert found["cause"].startswith("States.TaskFailed: ")
    assert '"ExitCode":2' in found["cause"].replace(" ", "")
    assert machine.order == ["optimize", *["train"] * 4]
    entered = [
        one["stateEnteredEventDetails"]["name"]
        for one in found["events"]
        if "stateEnteredEventDetails" in one
    ]
    assert entered == ["Defaults", "Merge", "Check", "Optimize", "Train", "Notify", "Fail"]


@pytest.mark.xdist_group("interpreter")
def test_a_task_that_hangs_is_given_up() -> None:
    machine = Machine("hang")
    found = machine.run(timeout_seconds=2)
    assert (found["status"], found["error"]) == ("FAILED", "AutomlFailed")
    assert found["cause"].startswith("States.Timeout: ")
    assert machine.order == ["optimize"]
    assert all(process.poll() is not None for process in machine.processes)


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
