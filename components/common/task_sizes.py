"""What sizes AWS Fargate sells, so that a wrong pair fails here and not at registration."""

from collections.abc import Sequence

_GIB = 1024

# CPU units to the memory, in MiB, that a task may have with them:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
FARGATE_MEMORY_MIB: dict[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}


def fargate_problem(cpu: int, memory_mib: int) -> str | None:
    """What is wrong with a task of `cpu` units (1024 to a vCPU) and `memory_mib`, or None if AWS sells it."""
    if cpu not in FARGATE_MEMORY_MIB:
        return f"{cpu} CPU units, allowed: {', '.join(map(str, FARGATE_MEMORY_MIB))}"
    allowed = FARGATE_MEMORY_MIB[cpu]
    if memory_mib in allowed:
        return None
    step = f" in steps of {allowed[-1] - allowed[-2]}" if len(allowed) > 3 else ""
    problem = f"{memory_mib} MiB with {cpu} CPU units, allowed: {allowed[0]} to {allowed[-1]} MiB{step}"
    try:
        return f"{problem}; the nearest that fits is {nearest_fargate_size(cpu, memory_mib)}"
    except ValueError:
        return problem


def nearest_fargate_size(cpu: int, memory_mib: int) -> tuple[int, int]:
    """The smallest (CPU units, MiB) on sale with at least as much of both.

    Raises:
        ValueError: when it is more than Fargate's largest task.
    """
    for units, memories in FARGATE_MEMORY_MIB.items():
        fitting = [memory for memory in memories if memory >= memory_mib]
        if units >= cpu and fitting:
            return units, fitting[0]
    largest = max(FARGATE_MEMORY_MIB)
    raise ValueError(
        f"{cpu} CPU units and {memory_mib} MiB are more than Fargate's largest task, "
        f"{largest} and {FARGATE_MEMORY_MIB[largest][-1]} MiB"
    )
