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
    "dag-processor": (320, 1),
    "triggerer": (320, 0),
    "mlflow": (512, 1),
    "status": (64, 0),
}
_NEEDS: dict[Executor, dict[str, tuple[int, int]]] = {
    "local": {**_COMMON, "scheduler": (1024, 6)},
    "celery": {**_COMMON, "redis": (48, 0), "scheduler": (384, 1), "worker": (768, 6)},
}
# Those that end run one after the other, so only the largest counts; an update runs it beside the rest.
ONE_OFFS = {"databases": 128, "restore": 64, "airflow-migrate": 384}


def least_mib(executor: Executor) -> int:
    """The memory of the smallest instance that holds every container."""
    return RESERVED_MIB + max(ONE_OFFS.values()) + sum(least for least, _ in _NEEDS[executor].values())


def memory_limits(instance_mib: int, executor: Executor) -> dict[str, int]:
    """The limit of each container in MiB.

    Raises:
        ValueError: when the instance is too small.
    """
    needs = _NEEDS[executor]
    spare = instance_mib - least_mib(executor)
    if spare < 0:
        raise ValueError(f"allowed: {least_mib(executor)} MiB or more for composeExecutor {executor}")
    shares = sum(share for _, share in needs.values())
    limits = {name: least + spare * share // shares for name, (least, share) in needs.items()}
    return {**limits, **ONE_OFFS}
