"""What the kernel counted of a container's memory, in control groups of either version."""

from dataclasses import dataclass
from pathlib import Path

_MIB = 2**20
_MOUNT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """A container's memory in MiB: now without files that are cached, and at most with them.

    `at_limit` is how often an allocation met the limit, which first of all drops cached files; `killed` how
    often a process had to end for it.
    """

    anonymous_mib: float
    peak_mib: float
    at_limit: int
    killed: int


def memory(container: str, pid: int) -> Memory | None:
    """The memory of the container whose first process this is; None if it has ended or runs elsewhere."""
    try:
        groups = dict(line.split(":", 2)[1:] for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines())
        if container not in groups.get("memory", groups.get("", "")):
            return None  # another process has the id of one that has ended
        if "memory" in groups:
            return _version_1(_MOUNT / "memory" / groups["memory"].lstrip("/"))
        return _version_2(_MOUNT / groups[""].lstrip("/"))
    except OSError:
        return None


def _version_1(folder: Path) -> Memory:
    # Where no swap is allowed, the limit of memory and swap together is met first.
    counters = [folder / "memory.failcnt", folder / "memory.memsw.failcnt"]
    return Memory(
        anonymous_mib=_fields(folder / "memory.stat")["total_rss"] / _MIB,
        peak_mib=int((folder / "memory.max_usage_in_bytes").read_text()) / _MIB,
        at_limit=sum(int(file.read_text()) for file in counters if file.exists()),
        killed=_fields(folder / "memory.oom_control").get("oom_kill", 0),
    )


def _version_2(folder: Path) -> Memory:
    events = _fields(folder / "memory.events")
    return Memory(
        anonymous_mib=_fields(folder / "memory.stat")["anon"] / _MIB,
        peak_mib=int((folder / "memory.peak").read_text()) / _MIB,
        at_limit=events["max"],
        killed=events["oom_kill"],
    )


def _fields(file: Path) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in file.read_text().splitlines())}
