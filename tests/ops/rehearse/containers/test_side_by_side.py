"""What becomes of a step that fails for one tier while others still do theirs."""

import threading

import pytest

from ops.local.errors import LocalRunError
from ops.rehearse.containers.side_by_side import side_by_side


def test_actions_run_at_the_same_time() -> None:
    """Each waits until the other has begun."""
    both = threading.Barrier(2, timeout=60)
    side_by_side({"micro": lambda: void(both.wait()), "learning": lambda: void(both.wait())})


def test_failures_are_said_together_once_all_have_ended() -> None:
    ended = threading.Event()
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        raise LocalRunError("not as it should be")

    def go_on() -> None:
        assert failed.wait(60)
        ended.set()

    with pytest.raises(LocalRunError, match=r"^micro: not as it should be\nstandard: not as it should be$"):
        side_by_side({"micro": fail, "learning": go_on, "standard": fail})
    assert ended.is_set()


def test_a_fault_of_the_program_keeps_its_type() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side({"micro": lambda: void(1 / 0)})


def void(_: object) -> None:
    """Makes an action of what gives a value."""
