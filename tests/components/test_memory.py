"""The shares of an instance's memory, computed by hand."""

import pytest

from components.orchestration.compose.memory import (
    ONE_OFFS,
    Executor,
    frontend_limits,
    least_mib,
    memory_limits,
)

COMMON = {
    "postgres": 192,
    "api-server": 448,
    "dag-processor": 288,
    "triggerer": 288,
    "mlflow": 512,
    "status": 64,
}
LEAST: dict[Executor, dict[str, int]] = {
    "local": {**COMMON, "scheduler": 1024},
    "celery": {**COMMON, "redis": 48, "scheduler": 384, "worker": 768},
}
SHARES: dict[Executor, dict[str, int]] = {
    "local": {"scheduler": 6},
    "celery": {"scheduler": 1, "worker": 6},
}
GROWING = ("postgres", "api-server", "dag-processor", "mlflow")  # by a share each


@pytest.mark.parametrize("executor", LEAST)
@pytest.mark.parametrize("admin", [False, True])
def test_the_smallest_instance(executor: Executor, admin: bool) -> None:
    least = LEAST[executor] | ({"admin": 384} if admin else {})
    needed = 512 + 384 + sum(least.values())  # the host, the largest of those that end, and the rest
    assert least_mib(executor, admin=admin) == needed
    assert memory_limits(needed, executor, admin=admin) == least | ONE_OFFS
    with pytest.raises(ValueError, match=rf"^allowed: {needed} MiB or more for composeExecutor {executor}"):
        memory_limits(needed - 1, executor, admin=admin)


@pytest.mark.parametrize("executor", LEAST)
def test_what_is_left_is_shared(executor: Executor) -> None:
    """In whole shares, of which a container has as many as its work grows by."""
    shares = dict.fromkeys(GROWING, 1) | SHARES[executor]
    spare = 100 * sum(shares.values())
    limits = memory_limits(least_mib(executor, admin=False) + spare, executor, admin=False)
    assert limits == ONE_OFFS | {
        name: least + 100 * shares.get(name, 0) for name, least in LEAST[executor].items()
    }
    assert memory_limits(least_mib(executor, admin=False) + 1, executor, admin=False) == {
        **LEAST[executor],
        **ONE_OFFS,
    }


def test_admin_gui_does_not_grow() -> None:
    spare = memory_limits(least_mib("local", admin=True) + 1000, "local", admin=True)
    assert spare["admin"] == 384


def test_containers_that_end() -> None:
    assert ONE_OFFS == {"databases": 128, "restore": 64, "airflow-migrate": 384}


def test_refusal_names_the_admin_gui() -> None:
    with pytest.raises(ValueError, match=r"composeExecutor local, with the admin GUI beside it$"):
        memory_limits(1024, "local", admin=True)
    with pytest.raises(ValueError, match=r"composeExecutor local$"):
        memory_limits(1024, "local", admin=False)


@pytest.mark.parametrize(("instance_mib", "admin"), [(960, 384), (1024, 448), (1600, 1024), (4096, 1024)])
def test_frontend_instance(instance_mib: int, admin: int) -> None:
    assert frontend_limits(instance_mib) == {"admin": admin, "status": 64}


def test_frontend_instance_that_is_too_small() -> None:
    with pytest.raises(ValueError, match=r"^allowed: 960 MiB or more for the admin GUI, such as t4g.micro$"):
        frontend_limits(959)
