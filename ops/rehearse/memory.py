"""The memory of a process and of everything that it started."""

from pathlib import Path


def pss_mib(pid: int) -> float:
    """The proportional set size of a process and its descendants, in MiB; 0 when it has ended.

    Pages that several processes share count once, as they do for a container's limit.
    """
    return sum(_pss_kib(each) for each in (pid, *descendants(pid))) / 1024


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while this looked
            continue
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
