"""How the memory of an instance is shared out among its containers: hard limits that always fit together.

LocalExecutor runs Airflow's tasks as children of the scheduler. It spares Redis and Celery's own processes
about half a gigabyte, which on the one instance of the tier `micro` is better spent on the tasks themselves.
"""

from typing import Literal

Executor = Literal["local", "celery"]

RESERVED_MIB = 512  # kernel, Docker, systemd, the agents of SSM and CloudWatch

# The least that each container works with, and its share of what an instance has on top of all of these.
_COMMON = {
    "postgres": (192, 1),
    "api-server": (448, 1),
    "dag-processor": (288, 1),
    "triggerer": (288, 0),  # 247 where its database is gone, which it says at length
    "mlflow": (512, 1),
    "status": (64, 0),
}
_NEEDS: dict[Executor, dict[str, tuple[int, int]]] = {
    "local": {**_COMMON, "scheduler": (1024, 6)},
    "celery": {**_COMMON, "redis": (48, 0), "scheduler": (384, 1), "worker": (768, 6)},
}
_ADMIN_MIB = 384  # the pages take a quarter; the rest is for a promotion, which loads MLflow and two models
_FRONTEND_STATUS_MIB = 64
_FRONTEND_ADMIN_MOST_MIB = 1024
# Those that end run one after the other, so only the largest counts; an update runs it beside the rest.
ONE_OFFS = {"databases": 128, "restore": 64, "airflow-migrate": 384}


def least_mib(executor: Executor, *, admin: bool) -> int:
    """The memory of the smallest instance that holds every container; `admin` with the admin GUI's."""
    needs = _needs(executor, admin=admin).values()
    return RESERVED_MIB + max(ONE_OFFS.values()) + sum(least for least, _ in needs)


def memory_limits(instance_mib: int, executor: Executor, *, admin: bool) -> dict[str, int]:
    """The limit of each container in MiB; `admin` where the admin GUI runs there too.

    Raises:
        ValueError: when the instance is too small.
    """
    needs = _needs(executor, admin=admin)
    least = least_mib(executor, admin=admin)
    spare = instance_mib - least
    if spare < 0:
        gui = ", with the admin GUI beside it" if admin else ""
        raise ValueError(f"allowed: {least} MiB or more for composeExecutor {executor}{gui}")
    shares = sum(share for _, share in needs.values())
    limits = {name: least + spare * share // shares for name, (least, share) in needs.items()}
    return {**limits, **ONE_OFFS}


def frontend_limits(instance_mib: int) -> dict[str, int]:
    """The limit of each container of the frontend instance in MiB.

    Raises:
        ValueError: when the instance is too small.
    """
    admin = instance_mib - RESERVED_MIB - _FRONTEND_STATUS_MIB
    if admin < _ADMIN_MIB:
        least = RESERVED_MIB + _FRONTEND_STATUS_MIB + _ADMIN_MIB
        raise ValueError(f"allowed: {least} MiB or more for the admin GUI, such as t4g.micro")
    return {"admin": min(admin, _FRONTEND_ADMIN_MOST_MIB), "status": _FRONTEND_STATUS_MIB}


def _needs(executor: Executor, *, admin: bool) -> dict[str, tuple[int, int]]:
    return {**_NEEDS[executor], **({"admin": (_ADMIN_MIB, 0)} if admin else {})}
